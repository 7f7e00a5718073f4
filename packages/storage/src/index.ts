export { type Clock, systemClock } from './clock.ts';
export { compareStrings, compareValues, isEqualValue } from './filter/compare-values.ts';
export { compileFilter } from './filter/compile-filter.ts';
export { compileOrder, type OrderKey, parseOrder } from './filter/compile-order.ts';
export type { Condition, FieldOperators, Filter } from './filter/filter.ts';
export type { Comparison, FilterNode, Operand, OperandObject } from './filter/filter-node.ts';
export { parsePath, readPath } from './filter/filter-path.ts';
export { parseFilter } from './filter/parse-filter.ts';
export type { JsonInput, JsonObject, JsonValue } from './json-value.ts';
export {
  type CacheStatistics,
  type CacheStore,
  type CacheWriteOptions,
  DEFAULT_TTL_MS,
  type IncrementOptions,
} from './ports/cache-store.ts';
export type { CallOptions } from './ports/call-options.ts';
export {
  type CoordinatedCacheStore,
  type EntryWithTtl,
  type InvalidationListener,
  isCoordinatedCacheStore,
  type LeaseAnswer,
  type LeaseOptions,
} from './ports/coordinated-cache-store.ts';
export type { DocumentStore, FindDocumentsOptions } from './ports/document-store.ts';
export type { OrderBy } from './ports/order.ts';
export type { Page } from './ports/page.ts';
export type { RelationalStore } from './ports/relational-store.ts';
export { type FindOptions, MAX_PAGE_SIZE, type PageRequest, type Repository } from './ports/repository.ts';
export type { StoreHealth } from './ports/store-health.ts';
export type { Stored } from './ports/stored.ts';
export type {
  FindRecordsOptions,
  SequenceBounds,
  WormEnforcement,
  WormHealth,
  WormIntegrity,
  WormStore,
} from './ports/worm-store.ts';
export type { Column, ColumnType } from './schema/column.ts';
export { type DocumentDefinition, defineDocument } from './schema/define-document.ts';
export { defineEntity, type EntityDefinition } from './schema/define-entity.ts';
export { DEFAULT_WORM_BYTES, defineWorm, openWormRecord, type WormDefinition } from './schema/define-worm.ts';
export { isWormRecordIntact, type WormRecord, wormSeal } from './schema/worm-record.ts';
export { StorageError, type StorageErrorCode } from './storage-error.ts';
