import { createMemoryCacheStore } from '../../memory/memory-cache-store.ts';
import {
  type CacheFault,
  type CacheFaults,
  createFaultyCacheStore,
  createFaultyCoordinatedStore,
} from '../../testing/create-faulty-cache-store.ts';
import { createMemoryCacheHub } from '../../testing/create-memory-cache-hub.ts';
import { createManualTimers, type ManualTimers } from '../../testing/manual-timers.ts';
import { createHotCache } from '../create-hot-cache.ts';
import { createNearCache } from '../create-near-cache.ts';
import type { HotCache } from '../hot-cache.ts';
import type { HotCacheOptions } from '../hot-cache-options.ts';

/** One thing that happens in a history. */
export interface Step {
  readonly act: 'get' | 'getOrSet' | 'set' | 'remove' | 'removeByPattern' | 'break';
  readonly key: number;
  /** Which process does it. */
  readonly process: number;
  /** How long the factory takes, in milliseconds. */
  readonly factoryMs: number;
  /** Whether the factory fails. */
  readonly fails: boolean;
  /** How long until the next step, in milliseconds. */
  readonly waitMs: number;
}

/** A random history: steps, and how the calls of the store go, in turn. */
export interface History {
  readonly steps: readonly Step[];
  readonly calls: readonly StoreCall[];
}

/** How one call of the store goes. */
export interface StoreCall {
  readonly doneAfterMs: number;
  readonly answerAfterMs: number;
  /** Whether the answer is lost, while the store works. */
  readonly isLost: boolean;
  /** What the store does while it is out: refuses, loses the call, or takes it and does it when it is back. */
  readonly whileOut: 'refuse' | 'lose' | 'late';
}

/** What came of a history. */
export interface HistoryResult {
  /** Reads that returned something older than what was acknowledged before they began. */
  readonly stale: readonly string[];
  /** Reads that did not get the current version after everything was over. */
  readonly behind: readonly string[];
  readonly reads: number;
  readonly hits: number;
  readonly distrusted: number;
}

const DEADLINE_MS = 100;
const KEYS = 3;
const OPTIONS: HotCacheOptions = {
  deadlineMs: DEADLINE_MS,
  breakMs: 300,
  ttlMs: 400,
  graceMs: 2_000,
  factorySoftTimeoutMs: 40,
  factoryHardTimeoutMs: 400,
  factoryPauseMs: 50,
  maxDistrustedKeys: 2,
};

/** One process whose store fails and loses calls. A change that it gave up may land until a deadline after the store is back. */
export async function runAlone(history: History): Promise<HistoryResult> {
  const timers = createManualTimers();
  const outage: Outage = { endsAt: 0, isOver: false };
  const next = takeInTurn(history.calls);
  const faults: CacheFaults = (call) => {
    if (outage.isOver) {
      return undefined;
    }
    const { doneAfterMs, answerAfterMs, isLost, whileOut } = next();
    if (timers.now() >= outage.endsAt) {
      return { doneAfterMs, answerAfterMs, ...(isLost ? lose(call, doneAfterMs % 2 === 0) : {}) };
    }
    if (whileOut === 'refuse' || call === 'health') {
      return { code: 'UNAVAILABLE' };
    }
    const backAfterMs = Math.max(0, outage.endsAt - timers.now());
    return {
      code: 'OUTCOME_UNKNOWN',
      isDone: whileOut === 'late',
      doneAfterMs: backAfterMs + doneAfterMs,
      answerAfterMs: answerAfterMs + 50,
    };
  };
  const hot = createHotCache(createFaultyCacheStore(createMemoryCacheStore({ clock: timers }), { timers, faults }), {
    ...OPTIONS,
    timers,
  });
  return runHistory(history, { timers, caches: [hot], outage, outageMs: 600 });
}

/** Three processes on one cache: calls take time and answers to reads and leases are lost, but no change is. */
export async function runTogether(history: History, isNear: boolean): Promise<HistoryResult> {
  const timers = createManualTimers();
  const hub = createMemoryCacheHub({ clock: timers });
  const outage: Outage = { endsAt: 0, isOver: false };
  const next = takeInTurn(history.calls);
  const faults: CacheFaults = (call) => {
    if (outage.isOver) {
      return undefined;
    }
    const { doneAfterMs, answerAfterMs, isLost } = next();
    const isChange = call === 'set' || call === 'remove' || call === 'removeByPattern';
    const half = { doneAfterMs: doneAfterMs / 2, answerAfterMs: answerAfterMs / 2 };
    return { ...half, ...(isLost && !isChange ? lose(call, doneAfterMs % 2 === 0) : {}) };
  };
  const caches = Array.from({ length: 3 }, () => {
    const store = createFaultyCoordinatedStore(hub.open(), { timers, faults });
    const options = { ...OPTIONS, timers, deadlineMs: 10 * DEADLINE_MS, breakerFailures: 1_000 };
    return createHotCache(isNear ? createNearCache(store, { timers, ttlMs: 300 }) : store, options);
  });
  return runHistory(history, { timers, caches, outage, outageMs: 0 });
}

function lose(call: string, isDone: boolean): CacheFault {
  return call === 'health' ? {} : { code: 'OUTCOME_UNKNOWN', isDone };
}

function takeInTurn(calls: readonly StoreCall[]): () => StoreCall {
  const usual: StoreCall = { doneAfterMs: 0, answerAfterMs: 0, isLost: false, whileOut: 'refuse' };
  let turn = -1;
  return () => {
    turn += 1;
    return calls[turn % Math.max(1, calls.length)] ?? usual;
  };
}

/** How the store is. */
interface Outage {
  endsAt: number;
  /** The history is over: from now on every call works. */
  isOver: boolean;
}

interface Stage {
  readonly timers: ManualTimers;
  readonly caches: readonly HotCache[];
  readonly outage: Outage;
  readonly outageMs: number;
}

/** The truth that a cache has to keep up with. */
interface Source {
  readonly versions: number[];
  readonly acknowledged: number[];
  /** Changes of one key wait for each other: which of two concurrent ones is newer, nobody could say. */
  readonly turns: Promise<void>[];
  readonly stale: string[];
  reads: number;
}

async function runHistory({ steps }: History, { timers, caches, outage, outageMs }: Stage): Promise<HistoryResult> {
  const source: Source = {
    versions: Array.from({ length: KEYS }, () => 0),
    acknowledged: Array.from({ length: KEYS }, () => 0),
    turns: Array.from({ length: KEYS }, async () => undefined),
    stale: [],
    reads: 0,
  };
  const running: Promise<void>[] = [];
  for (const [at, step] of steps.entries()) {
    const cache = caches[step.process % caches.length];
    if (step.act === 'break') {
      outage.endsAt = timers.now() + outageMs;
    } else if (cache !== undefined && (step.act === 'get' || step.act === 'getOrSet')) {
      running.push(read(source, timers, { cache, step, at }));
    } else if (cache !== undefined) {
      const turn = afterwards(source.turns[step.key], async () => change(source, cache, step));
      source.turns[step.key] = turn;
      running.push(turn);
    }
    await timers.pass(step.waitMs);
  }
  outage.isOver = true;
  await timers.pass(5_000);
  await Promise.all(running);
  const behind = await findBehind(source, timers, caches);
  const reports = caches.map((cache) => cache.report());
  await Promise.all(caches.map(async (cache) => cache.close()));
  return {
    stale: source.stale,
    behind,
    reads: source.reads,
    hits: reports.reduce((sum, { hits }) => sum + hits, 0),
    distrusted: reports.reduce((sum, { distrusted }) => sum + distrusted, 0),
  };
}

async function afterwards(turn: Promise<void> | undefined, next: () => Promise<void>): Promise<void> {
  await turn;
  await next();
}

async function read(
  source: Source,
  timers: ManualTimers,
  { cache, step, at }: { readonly cache: HotCache; readonly step: Step; readonly at: number },
): Promise<void> {
  const { key, act, factoryMs, fails } = step;
  const floor = source.acknowledged[key] ?? 0;
  const factory = async () => {
    const version = source.versions[key] ?? 0;
    await new Promise<void>((resolve) => void timers.after(factoryMs, resolve));
    if (fails) {
      throw new RangeError('the source is away');
    }
    return version;
  };
  const asked = act === 'get' ? cache.get<number>(`k:${key}`) : cache.getOrSet(`k:${key}`, factory);
  const found = await asked.catch(() => undefined);
  source.reads += 1;
  if (found !== undefined && found < floor) {
    source.stale.push(`step ${at}, ${act} of k:${key}: ${found}, after ${floor} was acknowledged`);
  }
}

async function change({ versions, acknowledged }: Source, cache: HotCache, { key, act }: Step): Promise<void> {
  const version = (versions[key] ?? 0) + 1;
  versions[key] = version;
  if (act === 'set') {
    await cache.set(`k:${key}`, version);
  } else if (act === 'remove') {
    await cache.remove(`k:${key}`);
  } else {
    await cache.removeByPattern('k:*');
  }
  acknowledged[key] = version;
}

/** Which caches do not know the current version of a key, now that every call works. */
async function findBehind({ versions }: Source, timers: ManualTimers, caches: readonly HotCache[]): Promise<string[]> {
  const behind: string[] = [];
  for (const [index, cache] of caches.entries()) {
    for (const [key, version] of versions.entries()) {
      const asked = cache.getOrSet(`k:${key}`, () => version);
      await timers.pass(500);
      const found = await asked;
      behind.push(...(found === version ? [] : [`process ${index}, k:${key}: ${found}, not ${version}`]));
    }
  }
  return behind;
}
