export {
  type CacheCall,
  type CacheFault,
  type CacheFaults,
  createFaultyCacheStore,
  createFaultyCoordinatedStore,
  type FaultyCacheOptions,
} from './create-faulty-cache-store.ts';
export {
  type AppendFault,
  createFaultyWormStore,
  type FaultyWormStore,
  type ReadFault,
  type WormFault,
} from './create-faulty-worm-store.ts';
export { createMemoryCacheHub, type MemoryCacheHub } from './create-memory-cache-hub.ts';
export { createTemporaryFolder } from './create-temporary-folder.ts';
export { createManualClock, type ManualClock } from './manual-clock.ts';
export { createManualTimers, type ManualTimers } from './manual-timers.ts';
export { chooseSeed, createRandom } from './seeded-random.ts';
