import { beforeAll, describe, expect, it } from 'vitest';
import type { Docket } from '../docket/docket.ts';
import { merkleRoot } from '../docket/merkle-tree.ts';
import { sha256Hex } from '../docket/sha256.ts';
import { createKeyPool } from '../testing/create-key-pool.ts';
import { createTestLedger } from '../testing/create-test-ledger.ts';
import { describeJudgement, judgeStored, toAnchor, toChainRecord } from '../testing/judge-stored.ts';
import {
  bitFlip,
  breakLink,
  cutRecord,
  forgeSignature,
  rehash,
  relinkSuffix,
  withoutTransaction,
} from '../testing/tamper-record.ts';
import { checkDocket } from './check-docket.ts';
import { judgeChain } from './judge-chain.ts';

const SIZE = 8;
const keys = createKeyPool();
const forgers = createKeyPool();
let dockets: Docket[];
let intact: Uint8Array[];

beforeAll(async () => {
  const ledger = { dockets: SIZE + 1, transactionsPerDocket: 2, mix: ['ed25519', 'p-256'] as const, keys };
  dockets = await Array.fromAsync(createTestLedger(ledger));
  intact = dockets.slice(0, SIZE).map((docket) => docket.record);
});

const anchorOf = (size: number, hint: 'hint' | 'no hint' = 'no hint') => toAnchor(dockets.slice(0, size), hint);
const hashBytes = (list: readonly Docket[]) => list.map(({ hash }) => Buffer.from(hash, 'hex'));
const at = (height: number): Uint8Array => intact[height] ?? new Uint8Array();
/** The record with the lowest bit of a letter in its first payload turned over: only the Merkle root sees it. */
const flipped = (height: number) => bitFlip(at(height), Buffer.from(at(height)).indexOf('Delivery') * 8 + 7);

describe('judgeChain with an anchored head and hashes that prove it (FR-041)', () => {
  const both = [['hint'], ['no hint']] as const;

  it.each(both)('verifies an intact register (%s)', (hint) => {
    const { damage, size, extension, verdicts, hashesFrom } = judgeStored(intact, { anchor: anchorOf(SIZE, hint) });
    expect({ damage, size, extension, hashesFrom }).toEqual({
      damage: '',
      size: SIZE,
      extension: 0,
      hashesFrom: hint === 'hint' ? 'hint' : 'records',
    });
    expect(verdicts).toEqual(intact.map((_, height) => ({ height })));
  });

  it.each(both)('blames a damaged docket alone, at every height (%s)', (hint) => {
    for (let height = 0; height < SIZE; height++) {
      const anchor = anchorOf(SIZE, hint);
      expect(judgeStored(intact.with(height, flipped(height)), { anchor }).damage).toBe(`${height} InvalidDocketHash`);
      expect(judgeStored(intact.with(height, cutRecord(at(height), 90)), { anchor }).damage).toBe(
        `${height} MalformedData`,
      );
    }
  });

  it('keeps the kind of each damage when many are mixed', async () => {
    const key = await forgers.get('ed25519', 0);
    const stored = intact
      .with(1, flipped(1))
      .with(3, forgeSignature(at(3), 0, key))
      .with(4, breakLink(at(4)))
      .with(6, cutRecord(at(6), 10));
    expect(judgeStored(stored, { anchor: anchorOf(SIZE, 'hint') }).damage).toBe(
      '1 InvalidDocketHash, 3 InvalidTransactionSignature, 4 BrokenChainLink, 6 MalformedData',
    );
  });

  it('finds an unreadable record malformed', () => {
    const records = intact.map((bytes, height) =>
      height === 2 ? { height, unreadable: 'input/output error' } : toChainRecord(bytes, height),
    );
    expect(describeJudgement(judgeChain({ records, anchor: anchorOf(SIZE) })).damage).toBe('2 MalformedData');
  });

  it('finds a broken storage seal malformed, though the docket is intact', () => {
    const records = intact.map((bytes, height) => ({
      ...toChainRecord(bytes, height),
      ...(height === 2 ? { sealBroken: 'the time was changed' } : {}),
    }));
    const { damage, verdicts } = describeJudgement(judgeChain({ records, anchor: anchorOf(SIZE) }));
    expect(damage).toBe('2 MalformedData');
    expect(verdicts[2]?.damage?.detail).toContain('the time was changed');
  });

  it.each(both)('finds a hole missing (%s)', (hint) => {
    const stored: (Uint8Array | undefined)[] = intact;
    expect(judgeStored(stored.with(3, undefined), { anchor: anchorOf(SIZE, hint) }).damage).toBe('3 MissingData');
    expect(judgeStored(stored.with(0, undefined), { anchor: anchorOf(SIZE, hint) }).damage).toBe('0 MissingData');
  });

  it('finds a missing tail rolled back, and a hole below it missing', () => {
    const anchor = anchorOf(SIZE, 'hint');
    const stored: (Uint8Array | undefined)[] = intact.slice(0, 5);
    expect(judgeStored(stored, { anchor })).toMatchObject({ damage: '5-7 RolledBack', size: SIZE });
    expect(judgeStored(stored.with(2, undefined), { anchor }).damage).toBe('2 MissingData, 5-7 RolledBack');
  });

  it('finds a register missing that is gone as a whole', () => {
    for (const hint of ['hint', 'no hint'] as const) {
      const { damage, size } = judgeStored([], { anchor: anchorOf(SIZE, hint) });
      expect({ damage, size }).toEqual({ damage: '0-7 MissingData', size: SIZE });
    }
  });

  it('finds swapped records malformed, both', () => {
    expect(judgeStored(intact.with(2, at(5)).with(5, at(2)), { anchor: anchorOf(SIZE, 'hint') }).damage).toBe(
      '2 MalformedData, 5 MalformedData',
    );
  });

  it('finds a docket stored again above itself malformed', () => {
    expect(judgeStored(intact.with(4, at(3)), { anchor: anchorOf(SIZE) }).damage).toBe('4 MalformedData');
  });

  it('finds an intact docket of another chain forked or broken, whichever it shows first', async () => {
    const other = await Array.fromAsync(
      createTestLedger({ dockets: SIZE, transactionsPerDocket: 1, mix: ['ed25519'], keys, startTime: 5 }),
    );
    const anchor = anchorOf(SIZE, 'hint');
    expect(judgeStored(intact.with(3, other[3]?.record ?? at(3)), { anchor }).damage).toBe('3 BrokenChainLink');
    expect(judgeStored(intact.with(0, other[0]?.record ?? at(0)), { anchor }).damage).toBe('0 Forked');
    const whole = judgeStored(
      other.map(({ record }) => record),
      { anchor },
    );
    expect(whole.damage).toBe('0-7 Forked');
  });

  it('finds one re-hashed docket forked, and not the one above that does not continue it', () => {
    const stored = intact.with(
      3,
      rehash(at(3), (draft) => withoutTransaction(draft, 1)),
    );
    expect(judgeStored(stored, { anchor: anchorOf(SIZE, 'hint') }).damage).toBe('3 Forked');
    expect(judgeStored(stored, { anchor: anchorOf(SIZE) })).toMatchObject({
      damage: '0-3 Forked, 4 BrokenChainLink, 5-7 Forked',
      hashesFrom: 'none',
    });
  });

  it('finds a suffix forked that was fully re-hashed and re-linked', () => {
    const suffix = relinkSuffix(intact.slice(4), (draft) => withoutTransaction(draft, 0));
    const stored = [...intact.slice(0, 4), ...suffix];
    expect(judgeStored(stored, { anchor: anchorOf(SIZE, 'hint') }).damage).toBe('4-7 Forked');
    // Without the hint no hash can be proven, and nothing unproven is called verified.
    expect(judgeStored(stored, { anchor: anchorOf(SIZE) }).damage).toBe('0-7 Forked');
  });

  it('finds the newest docket forked when it alone was re-hashed', () => {
    const stored = intact.with(
      7,
      rehash(at(7), (draft) => ({ ...draft, timestamp: draft.timestamp + 1 })),
    );
    expect(judgeStored(stored, { anchor: anchorOf(SIZE, 'hint') }).damage).toBe('7 Forked');
  });

  it('finds a genesis docket broken that continues something', () => {
    expect(judgeStored(intact.with(0, breakLink(at(0))), { anchor: anchorOf(SIZE, 'hint') }).damage).toBe(
      '0 BrokenChainLink',
    );
  });

  it('finds a lying middle link broken and not its neighbours', () => {
    const stored = intact.with(4, breakLink(at(4), dockets[1]?.hash));
    expect(judgeStored(stored, { anchor: anchorOf(SIZE, 'hint') }).damage).toBe('4 BrokenChainLink');
  });

  it('finds a transaction malformed that is sealed at two heights, at the upper one', async () => {
    const [first] = dockets[1]?.transactions ?? [];
    const again = relinkSuffix([at(2)], (draft) => ({
      ...draft,
      transactions: [...draft.transactions, ...(first ? [first] : [])],
    }));
    const check = checkDocket(again[0] ?? at(2), { registerId: 'test', height: 2 });
    const hashes = [...hashBytes(dockets.slice(0, 2)), Buffer.from(check.hash ?? '', 'hex')];
    const anchor = { size: 3, root: merkleRoot(hashes) };
    expect(judgeStored([at(0), at(1), again[0]], { anchor })).toMatchObject({
      damage: '2 MalformedData',
      hashesFrom: 'records',
    });
  });
});

describe('judgeChain reconstructing hashes from the records', () => {
  it('takes the hash of a damaged or absent docket from the one above', () => {
    const stored: (Uint8Array | undefined)[] = intact;
    expect(judgeStored(stored.with(2, undefined).with(4, flipped(4)), { anchor: anchorOf(SIZE) })).toMatchObject({
      damage: '2 MissingData, 4 InvalidDocketHash',
      hashesFrom: 'records',
    });
  });

  it('takes the hash of adjacent damaged dockets from what they claim', () => {
    expect(
      judgeStored(intact.with(4, flipped(4)).with(5, flipped(5)).with(7, flipped(7)), { anchor: anchorOf(SIZE) }),
    ).toMatchObject({ damage: '4-5 InvalidDocketHash, 7 InvalidDocketHash', hashesFrom: 'records' });
  });

  it('gives up where two adjacent dockets are absent, and then proves nothing', () => {
    const stored: (Uint8Array | undefined)[] = intact;
    expect(judgeStored(stored.with(2, undefined).with(3, undefined), { anchor: anchorOf(SIZE) })).toMatchObject({
      damage: '0-1 Forked, 2-3 MissingData, 4-7 Forked',
      hashesFrom: 'none',
    });
  });

  it.each([
    ['random bytes', () => Buffer.alloc(SIZE * 32, 0x5a)],
    ['nothing', () => new Uint8Array()],
    ['half a hash less', () => Buffer.concat(hashBytes(dockets.slice(0, SIZE))).subarray(0, -16)],
    ['the hashes in another order', () => Buffer.concat(hashBytes(dockets.slice(0, SIZE)).reverse())],
    [
      'the hash of one forged docket',
      () => Buffer.concat(hashBytes(dockets.slice(0, SIZE)).with(3, Buffer.from(sha256Hex(at(3)), 'hex'))),
    ],
  ])('ignores a hint of %s', (_name, hashes) => {
    const anchor = { ...anchorOf(SIZE), hashes: hashes() };
    expect(judgeStored(intact, { anchor })).toMatchObject({ damage: '', hashesFrom: 'records' });
    expect(judgeStored(intact.slice(0, 5), { anchor })).toMatchObject({ hashesFrom: 'none' });
  });

  it('uses a hint that is longer than the anchored size', () => {
    const anchor = { ...anchorOf(SIZE), hashes: Buffer.concat([...hashBytes(dockets), Buffer.alloc(7)]) };
    expect(judgeStored(intact, { anchor })).toMatchObject({ damage: '', hashesFrom: 'hint' });
  });

  it('keeps the kinds of single damages when nothing fits the anchored root', async () => {
    const stored = intact
      .with(1, flipped(1))
      .with(4, breakLink(at(4)))
      .with(6, forgeSignature(at(6), 1, await forgers.get('p-256', 0)));
    const anchor = { size: SIZE, root: new Uint8Array(32) };
    expect(judgeStored(stored, { anchor }).damage).toBe(
      '0 Forked, 1 InvalidDocketHash, 2-3 Forked, 4-5 BrokenChainLink, 6 InvalidTransactionSignature, 7 BrokenChainLink',
    );
  });
});
