import type { StoreHealth } from '@sorcha/storage';
import type { OpenedStore } from './open-storage.ts';

/** The health of every store, and what follows for the service. */
export interface StorageHealth {
  /** `fail` when a warm or cold store fails; `warn` when only the cache fails, or a store works with a restriction. */
  readonly status: StoreHealth['status'];
  /** By the name under which the store was declared. */
  readonly stores: Readonly<Record<string, StoreHealth>>;
}

/** Asks all stores side by side. A cache that is down only degrades: everything in it can be had again from elsewhere. */
export async function checkStorage(stores: ReadonlyMap<string, OpenedStore>): Promise<StorageHealth> {
  const checked = await Promise.all(
    [...stores].map(async ([name, store]) => ({ name, isCache: 'getOrSet' in store, health: await store.health() })),
  );
  const verdicts = new Set(
    checked.map(({ isCache, health }) => (isCache && health.status === 'fail' ? 'warn' : health.status)),
  );
  const status = verdicts.has('fail') ? 'fail' : verdicts.has('warn') ? 'warn' : 'pass';
  return { status, stores: Object.fromEntries(checked.map(({ name, health }) => [name, health])) };
}
