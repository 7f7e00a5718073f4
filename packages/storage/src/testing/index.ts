export { createTemporaryFolder } from './create-temporary-folder.ts';
export { createManualClock, type ManualClock } from './manual-clock.ts';
