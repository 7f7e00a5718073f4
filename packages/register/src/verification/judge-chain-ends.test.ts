import { beforeAll, describe, expect, it } from 'vitest';
import type { Docket } from '../docket/docket.ts';
import { createKeyPool } from '../testing/create-key-pool.ts';
import { createTestLedger } from '../testing/create-test-ledger.ts';
import { describeJudgement, judgeStored, type Stored, toAnchor, toChainRecord } from '../testing/judge-stored.ts';
import {
  breakLink,
  cutRecord,
  forgeSignature,
  rehash,
  relinkSuffix,
  withoutTransaction,
} from '../testing/tamper-record.ts';
import { judgeChain } from './judge-chain.ts';

const SIZE = 6;
const ANCHORED = 4;
const keys = createKeyPool();
const forgers = createKeyPool();
let dockets: Docket[];
let intact: Uint8Array[];

beforeAll(async () => {
  const ledger = { dockets: SIZE, transactionsPerDocket: 2, mix: ['ed25519', 'p-256'] as const, keys };
  dockets = await Array.fromAsync(createTestLedger(ledger));
  intact = dockets.map((docket) => docket.record);
});

const at = (height: number): Uint8Array => intact[height] ?? new Uint8Array();
const anchor = (hint: 'hint' | 'no hint' = 'hint') => toAnchor(dockets.slice(0, ANCHORED), hint);
const announce = (...heights: number[]) =>
  new Map(heights.map((height) => [height, new Set(['00'.repeat(32), dockets[height]?.hash ?? ''])]));

describe('judgeChain above the anchored head', () => {
  it('adopts dockets that this node announced', () => {
    const { damage, size, extension } = judgeStored(intact, { anchor: anchor(), announced: announce(4, 5) });
    expect({ damage, size, extension }).toEqual({ damage: '', size: 6, extension: 2 });
  });

  it('finds a docket forked that this node never announced, and what continues it broken', () => {
    expect(judgeStored(intact, { anchor: anchor() })).toMatchObject({
      damage: '4 Forked, 5 BrokenChainLink',
      size: ANCHORED,
      extension: 0,
    });
    expect(judgeStored(intact, { anchor: anchor(), announced: announce(4) })).toMatchObject({
      damage: '5 Forked',
      size: 5,
      extension: 1,
    });
    expect(judgeStored(intact, { anchor: anchor(), announced: announce(5) }).damage).toBe(
      '4 Forked, 5 BrokenChainLink',
    );
  });

  it('takes no announcement for another height', () => {
    const announced = new Map([[5, announce(4).get(4) ?? new Set<string>()]]);
    expect(judgeStored(intact.slice(0, 5), { anchor: anchor(), announced }).damage).toBe('4 Forked');
  });

  it('keeps the kind of a damage, and adopts nothing above it', async () => {
    const announced = announce(4, 5);
    const judgeWith = (record: Uint8Array) => judgeStored(intact.with(4, record), { anchor: anchor(), announced });
    const forged = forgeSignature(at(4), 0, await forgers.get('ed25519', 0));
    expect(judgeWith(cutRecord(at(4), 9))).toMatchObject({
      damage: '4 MalformedData, 5 BrokenChainLink',
      extension: 0,
    });
    expect(judgeWith(breakLink(at(4))).damage).toBe('4-5 BrokenChainLink');
    expect(judgeWith(forged).damage).toBe('4 InvalidTransactionSignature, 5 BrokenChainLink');
    expect(judgeWith(rehash(at(4), (draft) => withoutTransaction(draft, 0))).damage).toBe(
      '4 Forked, 5 BrokenChainLink',
    );
  });

  it('adopts a docket whose proven neighbour below is damaged or absent', () => {
    const stored: Stored = intact.slice(0, 5).with(3, cutRecord(at(3), 9));
    expect(judgeStored(stored, { anchor: anchor(), announced: announce(4) })).toMatchObject({
      damage: '3 MalformedData',
      extension: 1,
    });
    expect(judgeStored(stored.with(3, undefined), { anchor: anchor(), announced: announce(4) })).toMatchObject({
      damage: '3 RolledBack',
      extension: 1,
    });
  });

  it('never trusts an announcement when nothing proves the anchored dockets', () => {
    const unknown = { size: ANCHORED, root: new Uint8Array(32) };
    expect(judgeStored(intact, { anchor: unknown, announced: announce(4, 5) })).toMatchObject({
      damage: '0-5 Forked',
      extension: 0,
    });
  });

  it('reports a stray record far above, and nothing between', () => {
    const height = 2 ** 40;
    const below = intact.slice(0, ANCHORED).map((bytes, index) => toChainRecord(bytes, index));
    for (const [stray, kind] of [
      [checkAt(height), 'BrokenChainLink'],
      [toChainRecord(at(4), height), 'MalformedData'],
    ] as const) {
      const judgement = describeJudgement(judgeChain({ records: [...below, stray], anchor: anchor() }));
      expect(judgement).toMatchObject({ damage: `${height} ${kind}`, size: ANCHORED });
      expect(judgement.verdicts).toHaveLength(ANCHORED + 1);
    }
  });

  it('starts an announced register from nothing', () => {
    const empty = toAnchor([], 'no hint');
    expect(judgeStored([], { anchor: empty })).toMatchObject({ damage: '', size: 0, extension: 0 });
    expect(judgeStored(intact, { anchor: empty, announced: announce(0, 1, 2, 3, 4, 5) })).toMatchObject({
      damage: '',
      extension: 6,
    });
    expect(judgeStored(intact, { anchor: empty }).damage).toBe('0 Forked, 1-5 BrokenChainLink');
  });
});

describe('judgeChain without an anchored head', () => {
  it('verifies an intact chain, and an empty register', () => {
    expect(judgeStored(intact)).toMatchObject({ damage: '', size: SIZE, extension: 0, hashesFrom: 'none' });
    expect(judgeStored([])).toMatchObject({ damage: '', size: 0, verdicts: [] });
  });

  it('proves nothing above the first damage, which keeps its kind', async () => {
    const stored: Stored = intact;
    const forged = forgeSignature(at(2), 1, await forgers.get('p-256', 0));
    expect(judgeStored(stored.with(2, cutRecord(at(2), 50))).damage).toBe('2 MalformedData, 3-5 BrokenChainLink');
    expect(judgeStored(stored.with(2, undefined)).damage).toBe('2 MissingData, 3-5 BrokenChainLink');
    expect(judgeStored(stored.with(2, breakLink(at(2)))).damage).toBe('2-5 BrokenChainLink');
    expect(judgeStored(stored.with(2, forged)).damage).toBe('2 InvalidTransactionSignature, 3-5 BrokenChainLink');
    expect(judgeStored(stored.with(0, undefined)).damage).toBe('0 MissingData, 1-5 BrokenChainLink');
  });

  it('keeps the kinds of later damages', async () => {
    const forged = forgeSignature(at(4), 0, await forgers.get('ed25519', 0));
    const stored: Stored = intact.with(1, cutRecord(at(1), 50)).with(4, forged);
    expect(judgeStored(stored.with(2, undefined)).damage).toBe(
      '1 MalformedData, 2 MissingData, 3 BrokenChainLink, 4 InvalidTransactionSignature, 5 BrokenChainLink',
    );
  });

  it('finds one re-hashed docket where the next does not continue it', () => {
    const stored = intact.with(
      2,
      rehash(at(2), (draft) => withoutTransaction(draft, 0)),
    );
    expect(judgeStored(stored).damage).toBe('3-5 BrokenChainLink');
  });

  it('cannot see a re-linked suffix or a lost tail: only an anchored head shows them', () => {
    const suffix = relinkSuffix(intact.slice(3), (draft) => withoutTransaction(draft, 0));
    expect(judgeStored([...intact.slice(0, 3), ...suffix]).damage).toBe('');
    expect(judgeStored(intact.slice(0, 3)).damage).toBe('');
  });

  it('finds a broken storage seal and a transaction sealed twice malformed', () => {
    const [first] = dockets[0]?.transactions ?? [];
    const twice = relinkSuffix(intact.slice(4), (draft) => ({
      ...draft,
      transactions: [...draft.transactions, ...(first === undefined ? [] : [first])],
    }));
    expect(judgeStored([...intact.slice(0, 4), ...twice]).damage).toBe('4 MalformedData, 5 BrokenChainLink');
    const records = intact.map((bytes, height) => ({
      ...toChainRecord(bytes, height),
      ...(height === 5 ? { sealBroken: 'x' } : {}),
    }));
    expect(describeJudgement(judgeChain({ records })).damage).toBe('5 MalformedData');
  });

  it('reports one stray record far above instead of millions of missing dockets', () => {
    for (const height of [SIZE + 1_000_001, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
      const unreadable = { height, unreadable: 'gone' };
      const records = [...intact.map((bytes, index) => toChainRecord(bytes, index)), unreadable];
      const judgement = describeJudgement(judgeChain({ records }));
      expect(judgement).toMatchObject({ damage: `${height} MalformedData`, size: SIZE });
    }
    const alone = describeJudgement(judgeChain({ records: [{ height: 2 ** 40, unreadable: 'gone' }] }));
    expect(alone).toMatchObject({ damage: `${2 ** 40} MalformedData`, size: 0 });
  });

  it('believes a million absent heights in all, not before every record anew', () => {
    const unreadable = [400_000, 800_000, 1_200_000, 2 ** 40].map((height) => ({ height, unreadable: 'gone' }));
    const { size, verdicts } = judgeChain({ records: unreadable });
    expect(size).toBe(800_001);
    expect(verdicts).toHaveLength(size + 2);
    expect(verdicts.slice(size).map(({ height }) => height)).toEqual([1_200_000, 2 ** 40]);
  });

  it('reports an intact stray record as broken, and a shorter gap as missing', () => {
    const height = SIZE + 5;
    const chain = intact.map((bytes, index) => toChainRecord(bytes, index));
    expect(describeJudgement(judgeChain({ records: [...chain, checkAt(height)] })).damage).toBe(
      `6-10 MissingData, ${height} BrokenChainLink`,
    );
    expect(describeJudgement(judgeChain({ records: [...chain, checkAt(2 ** 40)] })).damage).toBe(
      `${2 ** 40} BrokenChainLink`,
    );
  });
});

/** An intact docket that says of itself that it stands at a height. */
function checkAt(height: number) {
  return toChainRecord(
    rehash(at(5), (draft) => ({ ...draft, height })),
    height,
  );
}
