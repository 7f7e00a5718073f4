/**
 * What every provider needs so that all of them refuse and mean the same. For writers of providers; users of a store need
 * only the main entry.
 */
export { requireNextSequence, sealRecord, toAppend } from './checks/append-worm-records.ts';
export { type CallSet, createCallSet } from './checks/call-set.ts';
export { checkCacheKey, checkTtlMs } from './checks/check-cache-entry.ts';
export { checkList } from './checks/check-list.ts';
export { requireOption } from './checks/check-options.ts';
export { type Searched, toFilterNode, toOrderKeys } from './checks/check-paths.ts';
export { checkRecordSize } from './checks/check-record-size.ts';
export { checkSignal } from './checks/check-signal.ts';
export { checkSequence, checkStreamName } from './checks/check-stream.ts';
export { checkTenantId } from './checks/check-tenant-id.ts';
export { checkWholeNumber } from './checks/check-whole-number.ts';
export { copyJson } from './checks/copy-json.ts';
export { keepFirst } from './checks/keep-first.ts';
export { type KeyPattern, matchesKeyPattern, parseKeyPattern } from './checks/key-pattern.ts';
export { checkIntegrity, findRecords } from './checks/search-worm-records.ts';
export { type CheckedDocument, checkDocumentId, checkVersion, splitStored, toDocument } from './checks/to-document.ts';
export { type CheckedEntity, checkEntityId, toEntity } from './checks/to-entity.ts';
export { toPage, toPageBounds } from './checks/to-page.ts';
export { toStored } from './checks/to-stored.ts';
export { listUniqueValues, type UniqueValue } from './checks/unique-values.ts';
export { createDeadline, type Deadline } from './layers/deadline.ts';
export { systemTimers } from './layers/timers.ts';
export { createSingleFlight, type SingleFlight } from './memory/single-flight.ts';
export { waitWithSignal } from './memory/wait-with-signal.ts';
