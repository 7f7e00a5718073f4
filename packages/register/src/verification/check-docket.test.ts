import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTransaction } from '../docket/create-transaction.ts';
import type { Docket } from '../docket/docket.ts';
import { parseTransactionRecord } from '../docket/parse-transaction.ts';
import { requireParsed } from '../docket/parsed.ts';
import { sha256Hex } from '../docket/sha256.ts';
import { createKeyPool } from '../testing/create-key-pool.ts';
import { createTestLedger } from '../testing/create-test-ledger.ts';
import { bitFlip, breakLink, cutRecord, forgeSignature, rehash, withoutTransaction } from '../testing/tamper-record.ts';
import { checkDocket } from './check-docket.ts';

const keys = createKeyPool();
const forgers = createKeyPool();
const place = { registerId: 'test', height: 1 };
let docket: Docket;
let foreign: Docket;

async function createSecondDocket(registerId: string): Promise<Docket> {
  const ledger = { registerId, dockets: 2, transactionsPerDocket: 4, mix: ['ed25519', 'p-256'] as const, keys };
  const [, second] = await Array.fromAsync(createTestLedger(ledger));
  if (second === undefined) throw new Error('the ledger is too short');
  return second;
}

beforeAll(async () => {
  docket = await createSecondDocket('test');
  foreign = await createSecondDocket('other');
});

const lines = () => Buffer.from(docket.record).toString().split('\n');
const check = (record: Uint8Array | string) => checkDocket(Buffer.from(record), place);
const kindOf = (record: Uint8Array | string) => check(record).damage?.kind;

describe('checkDocket (FR-040, FR-049)', () => {
  it('finds an intact docket undamaged and says what it proves', () => {
    expect(check(docket.record)).toEqual({
      recordDigest: sha256Hex(docket.record),
      hash: docket.hash,
      claimedHash: docket.hash,
      previousHash: docket.header.previousHash,
      timestamp: docket.header.timestamp,
      transactionCount: 4,
      transactionIds: docket.transactions.map(({ id }) => id),
      signaturesChecked: 4,
    });
  });

  it('gives plain data that survives the way between threads', () => {
    for (const result of [check(docket.record), check(cutRecord(docket.record, 300)), check('')]) {
      expect(structuredClone(result)).toEqual(result);
    }
  });

  it('1. finds bytes malformed that are no docket, at every length that a torn write leaves', () => {
    for (let length = 0; length < docket.record.length; length++) {
      const { kind } = check(cutRecord(docket.record, length)).damage ?? {};
      // Cut behind a whole line, the record is a docket with fewer transactions than its header counts.
      const isWholeLine =
        length > 0 && docket.record[length - 1] === 0x0a && length > lines().slice(0, 3).join('\n').length;
      expect(kind).toBe(isWholeLine ? 'InvalidDocketHash' : 'MalformedData');
    }
  });

  it('2. finds the record of another register or height malformed, though it is intact there', () => {
    expect(checkDocket(foreign.record, { registerId: 'other', height: 1 }).damage).toBeUndefined();
    expect(kindOf(foreign.record)).toBe('MalformedData');
    expect(checkDocket(docket.record, { registerId: 'test', height: 2 }).damage?.kind).toBe('MalformedData');
    expect(check(foreign.record).damage?.detail).toContain('"other", height 1');
  });

  it('2. finds a transaction of another register malformed in a docket that hashes well', async () => {
    const stray = createTransaction({ registerId: 'tesu', timestamp: 1 }, await keys.get('ed25519', 0));
    const [first] = docket.transactions;
    const moved = { ...stray, body: { ...stray.body, registerId: 'test' } };
    const record = rehash(docket.record, (draft) => ({ ...draft, transactions: [moved, ...(first ? [first] : [])] }));
    expect(kindOf(record)).toBe('MalformedData');
  });

  it('2. finds a docket malformed that seals one transaction twice, also under two signatures', async () => {
    const key = await keys.get('p-256', 0);
    const first = createTransaction({ registerId: 'test', timestamp: 1 }, key);
    const second = createTransaction({ registerId: 'test', timestamp: 1 }, key);
    expect([first.id, first.signature === second.signature]).toEqual([second.id, false]);
    for (const twin of [first, second]) {
      const renamed = [first, { ...twin, id: 'renamed to pass the check on creation' }];
      expect(kindOf(rehash(docket.record, (draft) => ({ ...draft, transactions: renamed })))).toBe('MalformedData');
    }
  });

  it('3. finds a header that does not hash to the claim', () => {
    const { timestamp } = docket.header;
    expect(kindOf(lines().with(1, 'ab'.repeat(32)).join('\n'))).toBe('InvalidDocketHash');
    expect(
      kindOf(
        lines()
          .join('\n')
          .replace(`"timestamp":${timestamp}`, `"timestamp":${timestamp + 1}`),
      ),
    ).toBe('InvalidDocketHash');
    // The same value in another spelling is not the header that was hashed.
    expect(kindOf(lines().join('\n').replace('"height":1', '"height": 1'))).toBe('InvalidDocketHash');
  });

  it('4. finds transactions changed, added, left out or swapped under an intact header', () => {
    const all = lines();
    const [first = '', second = ''] = all.slice(3);
    for (const changed of [
      all.toSpliced(3, 1),
      all.toSpliced(3, 2, second, first),
      all.with(3, first.replace('Delivery', 'delivery')),
      all.toSpliced(
        -1,
        0,
        Buffer.from(foreign.transactions[0]?.record ?? [])
          .toString()
          .replace('"other"', '"test"'),
      ),
    ]) {
      expect(kindOf(changed.join('\n'))).toBe('InvalidDocketHash');
    }
  });

  it('4. names the transactions that their senders did not sign, to help a person', () => {
    const changed = lines().map((line) => line.replace('Delivery 5', 'Delivery 9'));
    const { damage, transactionIds } = check(changed.join('\n'));
    expect(damage?.detail).toContain(`transaction 1 (${transactionIds[1]})`);
    expect(damage?.detail).not.toContain(transactionIds[0]);
  });

  it('5. finds the first bad signature of a docket whose hashes were made right again', async () => {
    const forged = forgeSignature(docket.record, 2, await forgers.get('ed25519', 0));
    const { damage, badSignature, signaturesChecked } = check(forged);
    expect(damage).toBeUndefined();
    expect(badSignature).toMatchObject({ index: 2, transactionId: docket.transactions[2]?.id });
    expect(signaturesChecked).toBe(3);
    const twice = check(forgeSignature(forged, 1, await forgers.get('p-256', 0)));
    expect(twice.badSignature?.index).toBe(1);
  });

  it('5. finds a signer who is not the sender', async () => {
    const [victim] = docket.transactions;
    const thief = await forgers.get('ed25519', 0);
    const stolen = createTransaction({ registerId: 'test', timestamp: 1 }, thief);
    const text = Buffer.from(stolen.record)
      .toString()
      .replace(stolen.body.sender, victim?.body.sender ?? '');
    const theft = requireParsed(parseTransactionRecord(Buffer.from(text)));
    const { badSignature } = check(rehash(docket.record, (draft) => ({ ...draft, transactions: [theft] })));
    expect(badSignature?.detail).toContain('sender');
  });

  it('does not judge what only the chain can tell', () => {
    expect(check(breakLink(docket.record)).damage).toBeUndefined();
    const shorter = check(rehash(docket.record, (draft) => withoutTransaction(draft, 0)));
    expect(shorter.damage ?? shorter.badSignature).toBeUndefined();
  });
});

describe('checkDocket on hostile bytes', () => {
  it('never throws for random bytes, and finds all of them damaged', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        expect(kindOf(bytes)).toBe('MalformedData');
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws for a mutated docket, and finds every mutation', () => {
    const mutation = fc.record({
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      remove: fc.integer({ min: 0, max: 40 }),
      insert: fc.oneof(
        fc.uint8Array({ maxLength: 8 }),
        fc.constantFrom('"', '{', '\n', ' ', '0', 'null', '\\u0000').map((text) => Buffer.from(text)),
      ),
    });
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        let record = Buffer.from(docket.record);
        for (const { at, remove, insert } of mutations) {
          const start = Math.floor(at * record.length);
          record = Buffer.concat([record.subarray(0, start), insert, record.subarray(start + remove)]);
        }
        fc.pre(!record.equals(docket.record));
        expect(['MalformedData', 'InvalidDocketHash']).toContain(kindOf(record));
      }),
      { numRuns: 1000 },
    );
  });

  it('gives the same verdict for the same bytes, and leaves the bytes alone', () => {
    fc.assert(
      fc.property(fc.nat(docket.record.length * 8 - 1), (bit) => {
        const record = bitFlip(docket.record, bit);
        const copy = Uint8Array.from(record);
        expect(check(record)).toEqual(check(copy));
        expect(record).toEqual(copy);
      }),
    );
  });
});
