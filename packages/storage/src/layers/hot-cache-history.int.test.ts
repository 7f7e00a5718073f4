import { array, assert, asyncProperty, constantFrom, integer, nat, oneof, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type History, type HistoryResult, runAlone, runTogether } from './testing/run-hot-history.ts';

const seed = Number(process.env['SORCHA_TEST_SEED'] ?? Date.now() % 2 ** 31);
process.stderr.write(`histories of a hot cache: SORCHA_TEST_SEED=${seed}\n`);

const step = record({
  act: constantFrom(
    'get',
    'getOrSet',
    'getOrSet',
    'getOrSet',
    'getOrSet',
    'getOrSet',
    'getOrSet',
    'set',
    'remove',
    'removeByPattern',
    'break',
  ),
  key: nat(2),
  process: nat(2),
  factoryMs: oneof(nat(30), nat(500)),
  fails: integer({ min: 0, max: 4 }).map((roll) => roll === 0),
  waitMs: oneof(nat(5), nat(60), nat(400)),
});
const call = record({
  doneAfterMs: oneof(nat(3), nat(3), nat(90)),
  answerAfterMs: oneof(nat(5), nat(5), nat(150)),
  isLost: integer({ min: 0, max: 11 }).map((roll) => roll === 0),
  whileOut: constantFrom('refuse', 'lose', 'late'),
});
const history = record({
  steps: array(step, { minLength: 5, maxLength: 60 }),
  calls: array(call, { minLength: 1, maxLength: 40 }),
});

/** A change between the moment in which the store takes the value of a factory and the one in which it says so. */
const changedBeforeTheAnswer: History = {
  steps: (['getOrSet', 'removeByPattern', 'getOrSet'] as const).map((act, at) => ({
    act,
    key: 1,
    process: at === 1 ? 0 : 1,
    factoryMs: 0,
    fails: at === 2,
    waitMs: 0,
  })),
  calls: [0, 0, 1, 0].map((answerAfterMs) => ({ doneAfterMs: 0, answerAfterMs, isLost: false, whileOut: 'refuse' })),
};

describe('hot cache: random histories', () => {
  it.each([
    ['alone, with outages and lost and late calls', runAlone, 1_000],
    ['three processes, with slow and lost calls', async (each: History) => runTogether(each, false), 300],
    ['three processes with near caches', async (each: History) => runTogether(each, true), 300],
  ] as const)('no read is older than what was acknowledged before it: %s', async (_name, run, numRuns) => {
    const total = { reads: 0, hits: 0 };
    const check = async (each: History) => {
      const result: HistoryResult = await run(each);
      expect(result).toMatchObject({ stale: [], behind: [], distrusted: 0 });
      total.reads += result.reads;
      total.hits += result.hits;
    };
    await assert(asyncProperty(history, check), { seed, numRuns, examples: [[changedBeforeTheAnswer]] });
    expect(total.hits).toBeGreaterThan(numRuns / 4);
    expect(total.reads).toBeGreaterThan(numRuns);
  });
});
