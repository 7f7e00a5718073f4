import { chooseSeed, createRandom } from '@sorcha/storage/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Docket } from '../docket/docket.ts';
import { createKeyPool } from './create-key-pool.ts';
import { createTestLedger } from './create-test-ledger.ts';
import { DAMAGES } from './damage-catalogue.ts';
import type { DamagePlan, DamageTarget } from './damages/damage.ts';
import { judgeStored, type Stored, toAnchor } from './judge-stored.ts';

const SIZE = 8;
const RUNS = 20;
const keys = createKeyPool();
const forgers = createKeyPool(1);
const random = createRandom(chooseSeed('damage-catalogue'));
let dockets: Docket[];

beforeAll(async () => {
  const mix = ['ed25519', 'p-256', 'ed25519'] as const;
  dockets = await Array.fromAsync(createTestLedger({ dockets: SIZE, transactionsPerDocket: 3, mix, keys }));
});

function target(chance: () => number, rest: Partial<DamageTarget> = {}): DamageTarget {
  return {
    size: SIZE,
    read: async (height) => dockets[height]?.record ?? new Uint8Array(),
    random: chance,
    forger: (algorithm) => forgers.get(algorithm, 0),
    ...rest,
  };
}

function apply({ changes }: DamagePlan): Stored {
  const stored: (Uint8Array | undefined)[] = dockets.map(({ record }) => record);
  for (const { height, bytes } of changes) {
    stored[height] = bytes;
  }
  return Array.from(stored);
}

/** Every damaged height with its kind, and every expected height with the allowed kinds. */
function compare(plan: DamagePlan) {
  const { verdicts } = judgeStored(apply(plan), { anchor: toAnchor(dockets, 'hint') });
  const found = verdicts.flatMap(({ height, damage }) =>
    damage === undefined ? [] : [[height, damage.kind] as const],
  );
  const expected = plan.expected.flatMap(({ from, to, kinds }) =>
    Array.from({ length: to - from + 1 }, (_, step) => [from + step, expect.toBeOneOf([...kinds])] as const),
  );
  return { found, expected };
}

describe('the damage catalogue', () => {
  it('has the damages that the command line promises, each name once', () => {
    const names = DAMAGES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(['bit-flip', 'truncate', 'swap', 'drop', 'rehash-suffix', 'forge-signature', 'roll-back']),
    );
  });

  it.each(DAMAGES.map((damage) => [damage.name, damage] as const))(
    '%s is found exactly where and as it is planned',
    async (_, damage) => {
      for (let run = 0; run < RUNS; run++) {
        const { found, expected } = compare(await damage.plan(target(random)));
        expect(found).toEqual(expected);
        expect(found.length).toBeGreaterThan(0);
      }
    },
  );

  it.each(DAMAGES.map((damage) => [damage.name, damage] as const))(
    '%s is possible at both ends of its random choices, and plain to read',
    async (_, damage) => {
      for (const edge of [0, 1 - 2 ** -53]) {
        const plan = await damage.plan(target(() => edge));
        const { found, expected } = compare(plan);
        expect(found).toEqual(expected);
        expect(plan.action).toMatch(/^[A-Z][^.\n]+$/);
      }
      expect(damage.description).toMatch(/^[A-Z][^\n]+\.$/);
    },
  );

  it.each(DAMAGES.filter(({ name }) => name !== 'erase').map((damage) => [damage.name, damage] as const))(
    '%s hits the wanted height and refuses an impossible one',
    async (_, damage) => {
      const [first] = (await damage.plan(target(random))).expected;
      const height = first?.from ?? 0;
      const { changes } = await damage.plan(target(random, { height }));
      expect(changes.map((change) => change.height)).toContain(height);
      await expect(damage.plan(target(random, { height: -1 }))).rejects.toMatchObject({ code: 'INVALID' });
    },
  );

  it('refuses what a register of single transactions has no place for', async () => {
    const single = await Array.fromAsync(createTestLedger({ dockets: 4, transactionsPerDocket: 1, keys }));
    const read = async (height: number) => single[height]?.record ?? new Uint8Array();
    for (const damage of DAMAGES) {
      const plan = damage.plan(target(random, { size: 4, read }));
      await (['drop-transaction', 'reorder-transactions'].includes(damage.name)
        ? expect(plan).rejects.toMatchObject({ code: 'INVALID' })
        : expect(plan).resolves.toHaveProperty('changes'));
    }
  });
});
