import { chooseSeed, createRandom } from '@sorcha/storage/testing';
import { expect, it } from 'vitest';
import { createKeyPool } from '../testing/create-key-pool.ts';
import { createTestLedger } from '../testing/create-test-ledger.ts';
import { DAMAGES } from '../testing/damage-catalogue.ts';
import { toAnchor, toChainRecord } from '../testing/judge-stored.ts';
import type { ChainRecord } from './chain-input.ts';
import { judgeChain } from './judge-chain.ts';

const SEEDS = 20_000;
const SIZE = 8;
const REGISTER = 'test';
const keys = createKeyPool();
const forgers = createKeyPool(1);

it(`names ${SEEDS.toLocaleString('en')} random damages by height and kind, with and without the list of hashes (SC-002)`, {
  timeout: 600_000,
}, async () => {
  const seed = chooseSeed('structural damage in memory');
  const ledger = { registerId: REGISTER, dockets: SIZE, transactionsPerDocket: 2, mix: ['ed25519'] as const, keys };
  const dockets = await Array.fromAsync(createTestLedger(ledger));
  const intact = dockets.map(({ record }, height) => toChainRecord(record, height, REGISTER));
  const anchors = [toAnchor(dockets, 'hint'), toAnchor(dockets, 'no hint')] as const;
  const counts = new Map<string, number>();
  for (let number = 0; number < SEEDS; number += 1) {
    const damage = DAMAGES[number % DAMAGES.length];
    const random = createRandom(seed + number);
    const plan = await damage?.plan({
      size: SIZE,
      random,
      read: async (height) => dockets[height]?.record ?? new Uint8Array(),
      forger: async (algorithm) => forgers.get(algorithm, 0),
    });
    const records = new Map<number, ChainRecord>(intact.map((record) => [record.height, record]));
    for (const { height, bytes } of plan?.changes ?? []) {
      records.delete(height);
      if (bytes !== undefined) records.set(height, toChainRecord(bytes, height, REGISTER));
    }
    const input = [...records.values()].sort((a, b) => a.height - b.height);
    const { verdicts } = judgeChain({ records: input, anchor: anchors[0] });
    const found = verdicts.flatMap(({ height, damage: named }) =>
      named === undefined ? [] : [`${height} ${named.kind}`],
    );
    const expected = (plan?.expected ?? []).flatMap(({ from, to, kinds }) =>
      Array.from({ length: to - from + 1 }, (_, step) => kinds.map((kind) => `${from + step} ${kind}`)),
    );
    const where = `${damage?.name}, seed ${seed + number}`;
    expect(found.length, where).toBe(expected.length);
    for (const [index, one] of found.entries()) expect(expected[index], where).toContain(one);
    // Without the hashes fewer heights may be provable, but what is damaged is never taken for proven.
    const bare = judgeChain({ records: input, anchor: anchors[1] });
    const proven = new Set(bare.verdicts.flatMap(({ height, damage: named }) => (named === undefined ? [height] : [])));
    for (const one of found) expect(proven.has(Number.parseInt(one, 10)), where).toBe(false);
    counts.set(damage?.name ?? '', (counts.get(damage?.name ?? '') ?? 0) + 1);
  }
  const list = [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
  console.log(`structural damage: ${SEEDS} of ${SEEDS} named with their heights and kinds (${list})`);
  expect(counts.size).toBe(DAMAGES.length);
});
