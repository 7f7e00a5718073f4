import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CacheStore, StorageError } from '@sorcha/storage';

/** What happened to the calls of a load. */
export interface LoadReport {
  readonly calls: number;
  /** How many calls ended with each code; `ok` for those that worked. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** The longest call, in milliseconds. */
  readonly longestMs: number;
  /** The time that 99 of 100 calls took at most, in milliseconds. */
  readonly p99Ms: number;
}

/** Calls of a store that go on until they are told to stop. */
export interface Load {
  /** What happened since it was asked last. */
  take(): LoadReport;
  /** Waits for the calls under way. */
  stop(): Promise<LoadReport>;
}

/** Reads and writes keys in `loops` loops at once. */
export function createLoad(store: CacheStore, loops = 16): Load {
  let durations: number[] = [];
  let outcomes: Record<string, number> = {};
  const state = { isRunning: true };
  const call = async (loop: number, turn: number): Promise<void> => {
    const startedAt = performance.now();
    let outcome = 'ok';
    try {
      const key = `load:${loop}:${Math.floor(turn / 2) % 10}`;
      await (turn % 2 === 0 ? store.set(key, { turn }) : store.get(key));
    } catch (error) {
      outcome = error instanceof StorageError ? error.code : String(error);
    }
    durations.push(performance.now() - startedAt);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  const run = async (loop: number): Promise<void> => {
    for (let turn = 0; state.isRunning; turn += 1) {
      await call(loop, turn);
      await nextTurn();
    }
  };
  const running = Promise.all(Array.from({ length: loops }, async (_, loop) => run(loop)));
  const take = (): LoadReport => {
    const sorted = durations.sort((a, b) => a - b);
    const report = {
      calls: sorted.length,
      outcomes,
      longestMs: sorted.at(-1) ?? 0,
      p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    };
    durations = [];
    outcomes = {};
    return report;
  };
  return {
    take,
    stop: async () => {
      state.isRunning = false;
      await running;
      return take();
    },
  };
}
