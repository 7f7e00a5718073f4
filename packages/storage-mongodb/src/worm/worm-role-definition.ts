import { toWormName } from './worm-collection.ts';

/** A privilege as MongoDB's `createRole` takes it. */
export interface RolePrivilege {
  readonly resource: { readonly db: string; readonly collection: string };
  readonly actions: readonly string[];
}

/** The command that creates the role; run it on the database of the store. */
export interface WormRoleDefinition {
  readonly createRole: string;
  readonly privileges: readonly RolePrivilege[];
  readonly roles: readonly [];
}

/**
 * All that a service needs to append to a write-once store and to read it, and nothing that changes a record: with this role and no
 * other one, MongoDB itself keeps the records. Whoever runs the database gives it to the user of the service, after the store
 * was opened once by a user who may create the collection.
 *
 * @param options.database the database of the store.
 * @param options.name the name of the definition, as `dockets`.
 * @param options.role the name of the role. Default `sorcha_worm_<name>`.
 */
export function wormRoleDefinition(options: {
  readonly database: string;
  readonly name: string;
  readonly role?: string;
}): WormRoleDefinition {
  const { database: db, name, role = `sorcha_worm_${name}` } = options;
  return {
    createRole: role,
    privileges: [
      { resource: { db, collection: toWormName(name) }, actions: ['find', 'insert', 'listIndexes'] },
      // Reads the validator, to make sure that it is still there.
      { resource: { db, collection: '' }, actions: ['listCollections'] },
    ],
    roles: [],
  };
}
