import { setTimeout as sleep } from 'node:timers/promises';
import type { CacheStore, Repository } from '@sorcha/storage';

/** A row that is counted up; it stands in the warm tier, and copies of it in the hot one. */
export interface Counted {
  readonly id: string;
  readonly value: number;
}

/** One read, in milliseconds. */
export interface Read {
  readonly startedAt: number;
  readonly tookMs: number;
}

/** A constant load of readers and writers on rows behind a cache. */
export interface VersionLoad {
  /** What was read since the last `take`. */
  take(): readonly Read[];
  /** What reached a caller as an error. */
  readonly errors: readonly unknown[];
  /** Answers that were older than a change that was acknowledged before the call began. */
  readonly stale: readonly string[];
  /** The longest that any call of a reader or writer took, in milliseconds. */
  readonly longestMs: number;
  /** How many answers were checked, and how many changes were made. */
  readonly checked: number;
  readonly changes: number;
  /** How readers read: through the cache, or straight from the warm tier. */
  readThrough(way: 'cache' | 'warm'): void;
  stop(): Promise<void>;
}

/** What {@link createVersionLoad} needs. */
export interface VersionLoadOptions {
  readonly cache: CacheStore;
  readonly rows: Repository<Counted>;
  readonly ids: readonly string[];
  readonly readers: number;
  readonly writers: number;
}

/**
 * Starts the load. Readers call `getOrSet` with the warm tier as the factory, and `get`; writers count a row up in the warm tier
 * and then change the cache with `set` or `remove`. When that has returned, no call that begins later may answer with less.
 */
export function createVersionLoad({ cache, rows, ids, readers, writers }: VersionLoadOptions): VersionLoad {
  const acknowledged = new Map(ids.map((id) => [id, 0]));
  const state = { isRunning: true, way: 'cache' as 'cache' | 'warm', longestMs: 0, checked: 0, changes: 0 };
  let reads: Read[] = [];
  const errors: unknown[] = [];
  const stale: string[] = [];
  const fetch = async (id: string): Promise<number> => (await rows.get(id))?.value ?? -1;
  const time = async <T>(call: () => Promise<T>): Promise<T | undefined> => {
    const startedAt = performance.now();
    try {
      return await call();
    } catch (error) {
      errors.push(error);
      return undefined;
    } finally {
      state.longestMs = Math.max(state.longestMs, performance.now() - startedAt);
    }
  };
  const check = (call: string, id: string, floor: number, answer: number | undefined): void => {
    state.checked += 1;
    if (answer !== undefined && answer < floor) {
      stale.push(`${call} ${id}: ${answer} after ${floor}`);
    }
  };
  const read = async (turn: number): Promise<void> => {
    const id = ids[turn % ids.length] ?? '';
    const floor = acknowledged.get(id) ?? 0;
    const startedAt = performance.now();
    if (turn % 8 === 7 && state.way === 'cache') {
      check('get', id, floor, await time(async () => cache.get<number>(id)));
    } else {
      const call = async () => (state.way === 'warm' ? fetch(id) : cache.getOrSet(id, async () => fetch(id)));
      check('getOrSet', id, floor, await time(call));
      reads.push({ startedAt, tookMs: performance.now() - startedAt });
    }
  };
  const write = async (turn: number, own: readonly string[]): Promise<void> => {
    const id = own[turn % own.length] ?? '';
    const row = await rows.get(id);
    if (row === undefined) {
      throw new Error(`There is no row ${id}.`);
    }
    const { value } = await rows.update({ ...row, value: row.value + 1 });
    await time<unknown>(async () => (turn % 2 === 0 ? cache.set(id, value) : cache.remove(id)));
    acknowledged.set(id, value);
    state.changes += 1;
  };
  const repeat = async (work: (turn: number) => Promise<void>, first: number, pauseMs: number): Promise<void> => {
    for (let turn = first; state.isRunning; turn += 1) {
      await work(turn);
      await sleep(pauseMs);
    }
  };
  const running = Promise.all([
    ...Array.from({ length: readers }, async (_, loop) => repeat(read, loop * 31, 2)),
    ...Array.from({ length: writers }, async (_, loop) => {
      // Each writer has rows of its own, so that none is in the way of another.
      const own = ids.filter((__, index) => index % writers === loop);
      return repeat(async (turn) => write(turn, own), 0, 5);
    }),
  ]);
  return {
    errors,
    stale,
    get longestMs() {
      return state.longestMs;
    },
    get checked() {
      return state.checked;
    },
    get changes() {
      return state.changes;
    },
    take: () => {
      const taken = reads;
      reads = [];
      return taken;
    },
    readThrough: (way) => {
      state.way = way;
    },
    stop: async () => {
      state.isRunning = false;
      await running;
    },
  };
}
