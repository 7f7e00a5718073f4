export { createMemoryCacheStore, type MemoryCacheOptions } from './memory-cache-store.ts';
export { createMemoryDocumentStore, type MemoryDocumentOptions } from './memory-document-store.ts';
export { createMemoryRelationalStore } from './memory-relational-store.ts';
export { createMemoryWormStore, type MemoryWormOptions, type MemoryWormRecords } from './memory-worm-store.ts';
