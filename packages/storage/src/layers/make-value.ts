import { copyJson } from '../checks/copy-json.ts';
import type { JsonValue } from '../json-value.ts';
import { StorageError } from '../storage-error.ts';
import { acquireLease, releaseLease } from './acquire-lease.ts';
import { sortByAge, toEnvelope } from './grace-envelope.ts';
import { type FactoryPlan, toKeptMs } from './hot-cache-options.ts';
import type { HotCore } from './hot-core.ts';
import { isOutage, MAY_BE_DONE } from './outage.ts';

/** A value that was made, or that somebody else made meanwhile. */
export interface Answer {
  readonly value: JsonValue;
  /** Whether it may be older than a change that another process made after the making began; else, after it was sent to the store. */
  readonly isUnconfirmed: boolean;
}

/** Said in place of an answer: who has a value in its time of grace should take that now. */
export const TAKE_STALE: unique symbol = Symbol('take stale');

/** How the making of a value stands. */
export interface Progress {
  /** The key was changed: nobody may join, and nothing is kept. */
  isCut: boolean;
  /** Took too long: nobody joins any more. What comes of it is kept all the same. */
  isOver: boolean;
  /** The factory failed. */
  hasFailed: boolean;
  token: string | undefined;
  /** Called when the value is sent to the store: that it was taken says nothing about changes which come after that. */
  readonly onSend: () => void;
}

/** What is to be made. */
export interface Order {
  readonly key: string;
  readonly factory: () => unknown;
  readonly plan: FactoryPlan;
  /** Whether the store could not say what it has. */
  readonly isOut: boolean;
}

/** A value in the making. */
export interface Making {
  /** For those who have nothing else: fails as the factory does, or with `TIMEOUT` after the hard timeout. */
  readonly answer: Promise<Answer>;
  /** For those who have a value in its time of grace: ends after the soft timeout, and with what the factory fails with. */
  readonly answerOrStale: Promise<Answer | typeof TAKE_STALE>;
  /** Fulfilled when the factory has ended and its value was kept or not. */
  readonly end: Promise<void>;
}

/** Begins to make a value: asks for the lease if there are any, then the factory, and keeps what it returns. */
export function makeValue(core: HotCore, order: Order, progress: Progress): Making {
  const patient = Promise.withResolvers<Answer>();
  const impatient = Promise.withResolvers<Answer | typeof TAKE_STALE>();
  const callOff = startPatience(core, order, progress, {
    onSoft: () => impatient.resolve(TAKE_STALE),
    onHard: (error) => {
      impatient.resolve(TAKE_STALE);
      patient.reject(error);
    },
  });
  const work = async (): Promise<void> => {
    try {
      const answer = await produce(core, order, progress);
      impatient.resolve(answer);
      patient.resolve(answer);
    } catch (error) {
      if (progress.hasFailed) {
        impatient.resolve(TAKE_STALE);
      }
      impatient.reject(error);
      patient.reject(error);
    } finally {
      callOff();
    }
  };
  // All who asked may have given up before, or wait for the other one.
  patient.promise.catch(() => undefined);
  impatient.promise.catch(() => undefined);
  return { answer: patient.promise, answerOrStale: impatient.promise, end: work() };
}

/** Watches the timeouts of the factory; returns what calls them off. */
function startPatience(
  { counts, settings: { timers } }: HotCore,
  { plan: { factorySoftTimeoutMs, factoryHardTimeoutMs } }: Order,
  progress: Progress,
  { onSoft, onHard }: { onSoft: () => void; onHard: (error: StorageError) => void },
): () => void {
  let isCounted = false;
  const countOnce = () => {
    counts.factoryTimeouts += Number(!isCounted);
    isCounted = true;
  };
  const watch = (ms: number | undefined, ring: () => void) => (ms === undefined ? undefined : timers.after(ms, ring));
  const callOffSoft = watch(factorySoftTimeoutMs, () => {
    countOnce();
    onSoft();
  });
  const callOffHard = watch(factoryHardTimeoutMs, () => {
    countOnce();
    progress.isOver = true;
    onHard(new StorageError('TIMEOUT', `The factory did not answer within ${factoryHardTimeoutMs} ms.`));
  });
  return () => {
    callOffSoft?.();
    callOffHard?.();
  };
}

async function produce(core: HotCore, order: Order, progress: Progress): Promise<Answer> {
  try {
    const fresh = await (order.isOut ? undefined : askOnceMore(core, order.key, progress));
    if (fresh !== undefined) {
      return { value: fresh, isUnconfirmed: true };
    }
    if (core.isClosed) {
      throw new StorageError('CLOSED', 'The cache was closed before the value was made; open it again.');
    }
    if (progress.isOver) {
      throw new StorageError('TIMEOUT', 'Another process has not made the value in time.');
    }
    const made = await callFactory(core, order.factory, progress);
    const value = copyJson(made, order.key);
    const isKept = await keep(core, order, progress, value);
    return { value, isUnconfirmed: core.leases !== undefined && !isKept };
  } finally {
    giveBack(core, order.key, progress);
  }
}

/** Reads the key again, now that nobody else in this process makes its value; with leases, takes the lease of the key. */
async function askOnceMore(core: HotCore, key: string, progress: Progress): Promise<JsonValue | undefined> {
  if (core.leases === undefined) {
    const stored = await core.read(key);
    return isOutage(stored) ? undefined : sortByAge(stored, core.settings.timers).fresh;
  }
  const { token, fresh } = await acquireLease(core, core.leases, key, () => !progress.isCut && !progress.isOver);
  progress.token = token;
  return fresh;
}

async function callFactory(
  { counts, factoryLatency, settings: { timers } }: HotCore,
  factory: () => unknown,
  progress: Progress,
): Promise<unknown> {
  counts.factoryCalls += 1;
  const startedAt = timers.elapsed();
  try {
    return await factory();
  } catch (error) {
    counts.factoryFailures += 1;
    progress.hasFailed = true;
    throw error;
  } finally {
    factoryLatency.record(timers.elapsed() - startedAt);
  }
}

/** Writes the value of a factory, unless it is older than a change. Says whether the store took it. */
async function keep(
  core: HotCore,
  { key, plan, isOut }: Order,
  progress: Progress,
  value: JsonValue,
): Promise<boolean> {
  const { counts, leases, settings, store } = core;
  const { token } = progress;
  const isUnprotected = isOut || (leases !== undefined && token === undefined);
  if (core.isClosed || isUnprotected || !core.distrust.isTrusted(key) || (value === null && !plan.cacheNull)) {
    return false;
  }
  const ttlMs = core.toTtlMs(plan.ttlMs);
  const stored = toEnvelope(value, settings.timers.now() + ttlMs, plan.graceMs);
  const options = { ttlMs: toKeptMs(ttlMs, plan.graceMs) };
  const send = async (): Promise<'kept' | 'cut' | 'outdated'> => {
    if (progress.isCut || core.isClosed) {
      return 'cut';
    }
    if (leases !== undefined && token !== undefined) {
      progress.onSend();
      return (await leases.setIfLeased(key, token, stored, options)) ? 'kept' : 'outdated';
    }
    await store.set(key, stored, options);
    return 'kept';
  };
  const answer = await core.write(key, send);
  if (isOutage(answer)) {
    // A lease that is gone keeps a late value out; without leases it could land after a change.
    if (leases === undefined && answer === MAY_BE_DONE) {
      core.distrustKey(key, answer);
    }
    return false;
  }
  if (answer !== 'cut') {
    progress.token = undefined;
  }
  counts.sets += Number(answer === 'kept');
  counts.outdated += Number(answer !== 'kept');
  return answer === 'kept';
}

/** Ends the lease if it is still held, so that nobody waits for what does not come. */
export function giveBack(core: HotCore, key: string, progress: Progress): void {
  if (core.leases !== undefined && progress.token !== undefined && !core.isClosed) {
    releaseLease(core, core.leases, key, progress.token);
    progress.token = undefined;
  }
}
