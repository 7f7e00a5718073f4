import { type EntityDefinition, type RelationalStore, type Repository, StorageError } from '@sorcha/storage';

/** Gives the repositories of a store's entities, which are compared by identity: `INVALID` for another one. */
export function toRepositories(
  entities: ReadonlySet<unknown>,
  create: <E extends object, I>(definition: EntityDefinition<E, I>) => Repository<E, I>,
): RelationalStore['repository'] {
  return (entity) => {
    if (!entities.has(entity)) {
      throw new StorageError('INVALID', `The store was opened without the entity "${entity.name}"; add it there.`);
    }
    return create(entity);
  };
}
