/**
 * The conformance suites: every sentence of every port as facts that a provider must show, in any test runner.
 */
export type { CacheProvider, OpenedCacheStore } from './cache-store/cache-provider.ts';
export { testCacheStore } from './cache-store/test-cache-store.ts';
export type { CoordinatedProvider, OpenedCoordinatedStores } from './coordinated-cache-store/coordinated-provider.ts';
export { testCoordinatedCacheStore } from './coordinated-cache-store/test-coordinated-cache-store.ts';
export type { DocumentProvider } from './document-store/document-provider.ts';
export { testDocumentStore } from './document-store/test-document-store.ts';
export type { OpenedDurableStore, OpenedStore } from './opened-store.ts';
export type { AnyEntity, RelationalProvider } from './relational-store/relational-provider.ts';
export { testRelationalStore } from './relational-store/test-relational-store.ts';
export type { SuiteRunner } from './suite-runner.ts';
export { testWormStore } from './worm-store/test-worm-store.ts';
export type { RecordDamage, WormProvider } from './worm-store/worm-provider.ts';
