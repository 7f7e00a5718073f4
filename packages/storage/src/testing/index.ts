export {
  type AppendFault,
  createFaultyWormStore,
  type FaultyWormStore,
  type ReadFault,
  type WormFault,
} from './create-faulty-worm-store.ts';
export { createTemporaryFolder } from './create-temporary-folder.ts';
export { createManualClock, type ManualClock } from './manual-clock.ts';
