import type { RelationalStore } from '../../ports/relational-store.ts';
import type { EntityDefinition } from '../../schema/define-entity.ts';
import type { Durability, OpenedDurableStore, OpenedStore } from '../opened-store.ts';

/** Any entity definition; which entity it is of comes back with `RelationalStore.repository`. */
export type AnyEntity = Pick<EntityDefinition<never>, 'name' | 'key' | 'columns' | 'indexes' | 'unique'>;

/** A provider of `RelationalStore` and `Repository`, for their conformance suite. */
export type RelationalProvider = {
  /** Names the suite in the report: `memory`, `sqlite`, ... */
  readonly name: string;
} & Durability<
  (entities: readonly AnyEntity[]) => Promise<OpenedStore<RelationalStore>>,
  (entities: readonly AnyEntity[]) => Promise<OpenedDurableStore<RelationalStore>>
>;
