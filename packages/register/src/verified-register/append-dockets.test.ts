import { describe, expect, it } from 'vitest';
import { toBase64url } from '../docket/base64url.ts';
import { createDocket } from '../docket/create-docket.ts';
import { createTransaction } from '../docket/create-transaction.ts';
import { LIMITS } from '../docket/limits.ts';
import { parseTransactionRecord } from '../docket/parse-transaction.ts';
import { requireParsed } from '../docket/parsed.ts';
import { createSigningKey } from '../docket/signing-key.ts';
import { createFaultyAnchorStore } from '../testing/create-faulty-anchor-store.ts';
import { createTestRegister } from '../testing/create-test-register.ts';
import { bitFlip, breakLink, forgeSignature, rehash } from '../testing/tamper-record.ts';
import type { RegisterEvent } from './register-options.ts';
import type { VerifiedRegister } from './verified-register.ts';

const stranger = await createSigningKey('ed25519');

async function openSealed(sealed = 2) {
  const test = await createTestRegister({ sealed });
  const register = await test.open();
  test.events.length = 0;
  const record = (height: number) => test.dockets[height]?.record ?? new Uint8Array();
  const { note: before } = await test.anchors.read('test');
  /** Proves that a refusal wrote nothing. */
  const expectUnchanged = async () => {
    expect(register).toMatchObject({ size: sealed, state: 'Healthy' });
    expect(test.records.get('test')?.size ?? 0).toBe(sealed);
    expect(await test.anchors.read('test')).toMatchObject({ note: before, announced: [] });
  };
  return { ...test, register, record, expectUnchanged };
}

const codesOf = (events: readonly RegisterEvent[]) =>
  events.flatMap((event) => (event.type === 'refused' ? [event.code] : [event.type]));

describe('sealing transactions (FR-040, FR-045)', () => {
  it('stores, anchors and serves the next docket', async () => {
    const { register, sign, clock, open, events } = await openSealed();
    clock.advance(1_234);
    const transactions = [await sign(), await sign()];
    const sealed = await register.seal(transactions);
    expect(sealed).toMatchObject({ height: 2, transactionIds: [expect.any(String), expect.any(String)] });
    expect(register).toMatchObject({ size: 3, headHash: sealed.hash });
    const docket = await register.docket(2);
    expect(docket?.header).toMatchObject({ height: 2, timestamp: clock.now(), transactionCount: 2 });
    expect((await register.transaction(sealed.transactionIds[1] ?? ''))?.index).toBe(1);
    expect((await open()).report).toMatchObject({ anchor: 'matched', totalDockets: 3 });
    expect(codesOf(events)).toEqual(['state']);
  });

  it('takes text as well as bytes, and a time of its own', async () => {
    const { register, sign } = await openSealed();
    await register.seal([Buffer.from(await sign()).toString()], { timestamp: 77 });
    expect((await register.docket(2))?.header.timestamp).toBe(77);
  });

  it('seals one after the other what is handed in at once', async () => {
    const { register, sign } = await openSealed(0);
    const records = await Promise.all(Array.from({ length: 20 }, async () => sign()));
    const sealed = await Promise.all(records.map(async (each) => register.seal([each])));
    expect(sealed.map(({ height }) => height)).toEqual(records.map((_, index) => index));
  });

  it('goes on after a refusal in the queue', async () => {
    const { register, sign } = await openSealed();
    const refused = register.seal(['nonsense']);
    const sealing = register.seal([await sign()]);
    await expect(refused).rejects.toMatchObject({ code: 'INVALID' });
    expect((await sealing).height).toBe(2);
  });

  it.each([
    ['INVALID', 'nothing', async () => []],
    ['INVALID', 'text that is no transaction', async () => ['{}']],
    ['INVALID', 'a lone surrogate', async () => ['\ud800']],
    ['INVALID', 'a transaction of another register', async () => [foreign().record]],
    ['LIMIT_EXCEEDED', 'an oversize record', async () => [Buffer.alloc(LIMITS.transactionBytes + 1, 0x20)]],
  ])('refuses with %s: %s', async (code, _, records) => {
    const { register, events, expectUnchanged } = await openSealed();
    await expect(register.seal(await records())).rejects.toMatchObject({ code });
    await expectUnchanged();
    expect(codesOf(events)).toEqual([code]);
  });

  it.each([null, undefined, 'a record', {}, new Uint8Array(3), [null], [7], [{}], [[]], Array(1)])(
    'refuses what is no list of records, as plain JavaScript hands it in: %j',
    async (records) => {
      const { register, expectUnchanged } = await openSealed();
      await expect(callUntyped(register, 'seal', records)).rejects.toMatchObject({ code: 'INVALID' });
      await expect(callUntyped(register, 'append', records)).rejects.toMatchObject({ code: 'INVALID' });
      await expectUnchanged();
    },
  );

  it('says of nothing what to hand in', async () => {
    const { register } = await openSealed(0);
    await expect(register.seal([])).rejects.toMatchObject({ code: 'INVALID', message: /at least one record/ });
  });

  it('says of a whole transaction in place of its record what to hand in, and takes null for no options', async () => {
    const { register, dockets, sign } = await openSealed(0);
    const whole = dockets[0]?.transactions[0];
    await expect(callUntyped(register, 'seal', [whole])).rejects.toMatchObject({
      code: 'INVALID',
      message: /"record"/,
    });
    await callUntyped(register, 'seal', [await sign()], null);
    expect(register.size).toBe(1);
  });

  it('refuses a weak key and a bad signature', async () => {
    const { register, sign, events, expectUnchanged } = await openSealed();
    const record = Buffer.from(await sign()).toString();
    const resigned = record.replace(/^\S+/, toBase64url(new Uint8Array(64).fill(1)));
    await expect(register.seal([resigned])).rejects.toMatchObject({ code: 'INVALID_SIGNATURE' });
    // The identity point: one signature by it fits every message.
    const identity = toBase64url(Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 1 : 0)));
    const weak = record.replace(/"publicKey":"[^"]+"/, `"publicKey":"${identity}"`);
    await expect(register.seal([weak])).rejects.toMatchObject({ code: 'INVALID_KEY' });
    await expectUnchanged();
    expect(codesOf(events)).toEqual(['INVALID_SIGNATURE', 'INVALID_KEY']);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses the time %d', async (timestamp) => {
    const { register, sign, expectUnchanged } = await openSealed();
    await expect(register.seal([await sign()], { timestamp })).rejects.toMatchObject({ code: 'INVALID' });
    await expectUnchanged();
  });

  it('refuses more than fits into one docket', async () => {
    const { register, sign, expectUnchanged } = await openSealed();
    const large = await Promise.all(
      Array.from({ length: 9 }, async (_, index) =>
        sign({ payloads: [index, 'x'.repeat(LIMITS.transactionBytes - 999)] }),
      ),
    );
    await expect(register.seal(large)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await expectUnchanged();
  });

  it('refuses a transaction that is sealed already, or twice in one docket', async () => {
    const { register, sign, dockets, expectUnchanged, events } = await openSealed();
    const old = dockets[1]?.transactions[0]?.record ?? '';
    const fresh = await sign();
    await expect(register.seal([fresh, old])).rejects.toMatchObject({ code: 'DUPLICATE_TRANSACTION' });
    await expect(register.seal([fresh, fresh])).rejects.toMatchObject({ code: 'DUPLICATE_TRANSACTION' });
    await expectUnchanged();
    expect(codesOf(events)).toEqual(['DUPLICATE_TRANSACTION', 'DUPLICATE_TRANSACTION']);
    await register.seal([fresh]);
    await expect(register.seal([fresh])).rejects.toMatchObject({ code: 'DUPLICATE_TRANSACTION' });
  });

  it('refuses a transaction again that differs only in its signature', async () => {
    const { register } = await openSealed();
    const key = await createSigningKey('p-256');
    const draft = { registerId: 'test', timestamp: 5 };
    // P-256 signatures are random: two records, one transaction.
    const [first, second] = [createTransaction(draft, key), createTransaction(draft, key)];
    expect(Buffer.from(first.record).equals(second.record)).toBe(false);
    await register.seal([first.record]);
    await expect(register.seal([second.record])).rejects.toMatchObject({ code: 'DUPLICATE_TRANSACTION' });
  });

  it('is refused while anything is not proven', async () => {
    const { register, sign, damage } = await openSealed();
    await damage.remove('test', 1);
    await expect(register.docket(1)).rejects.toMatchObject({ code: 'CORRUPTED' });
    await expect(register.seal([await sign()])).rejects.toMatchObject({ code: 'DEGRADED' });
    await expect(register.append([])).rejects.toMatchObject({ code: 'DEGRADED' });
    await expect(register.refresh()).rejects.toMatchObject({ code: 'DEGRADED' });
    await expect(register.adoptHead()).rejects.toMatchObject({ code: 'DEGRADED' });
  });
});

describe('appending dockets', () => {
  it('takes a batch as a whole under one head', async () => {
    const { register, record, dockets, open } = await openSealed();
    const sealed = await register.append([record(2), record(3), record(4)]);
    expect(sealed.map(({ height, hash }) => [height, hash])).toEqual(
      [2, 3, 4].map((height) => [height, dockets[height]?.hash]),
    );
    expect(register.size).toBe(5);
    expect((await open()).report).toMatchObject({ anchor: 'matched', totalDockets: 5 });
  });

  it('takes nothing for nothing', async () => {
    const { register, expectUnchanged } = await openSealed();
    expect(await register.append([])).toEqual([]);
    await expectUnchanged();
  });

  it.each([
    ['SEQUENCE_CONFLICT', 'a docket of a later height', (next: Uint8Array[]) => [next[1]]],
    ['SEQUENCE_CONFLICT', 'a docket that is there already', (next: Uint8Array[]) => [next[0], next[0]]],
    [
      'SEQUENCE_CONFLICT',
      'a docket that continues another one',
      (next: Uint8Array[]) => [breakLink(next[0] ?? new Uint8Array())],
    ],
    [
      'INVALID',
      'a docket with a damaged bit',
      (next: Uint8Array[]) => [next[0], bitFlip(next[1] ?? new Uint8Array(), 999)],
    ],
    ['INVALID', 'bytes that are none', () => [new Uint8Array(3)]],
    ['LIMIT_EXCEEDED', 'an oversize record', () => [new Uint8Array(LIMITS.docketBytes + 1)]],
    [
      'INVALID_SIGNATURE',
      'a forged signature',
      (next: Uint8Array[]) => [forgeSignature(next[0] ?? new Uint8Array(), 1, stranger)],
    ],
    ['INVALID', 'a docket of another register', () => [foreignDocket(2)]],
  ])('refuses all of them with %s: %s', async (code, _, choose) => {
    const { register, record, expectUnchanged } = await openSealed();
    const chosen = choose([record(2), record(3)]).map((bytes) => bytes ?? new Uint8Array());
    await expect(register.append(chosen)).rejects.toMatchObject({ code });
    await expectUnchanged();
  });

  it('refuses a transaction that is sealed below, or twice in the batch', async () => {
    const { register, record, dockets, expectUnchanged } = await openSealed();
    const old = dockets[0]?.transactions[0];
    const again = rehash(record(2), (draft) => ({
      ...draft,
      transactions: [...draft.transactions, ...(old === undefined ? [] : [old])],
    }));
    await expect(register.append([again])).rejects.toMatchObject({ code: 'DUPLICATE_TRANSACTION' });
    const twice = rehash(record(3), (draft) => ({ ...draft, transactions: dockets[2]?.transactions ?? [] }));
    await expect(register.append([record(2), twice])).rejects.toMatchObject({ code: 'DUPLICATE_TRANSACTION' });
    await expectUnchanged();
  });

  it('stores the bytes that were checked, although the caller changes them meanwhile', async () => {
    const { open, anchors, record, dockets } = await openSealed();
    const faulty = createFaultyAnchorStore(anchors);
    const register = await open({ anchors: faulty.store });
    const bytes = Uint8Array.from(record(2));
    faulty.before('announce', async () => {
      bytes.fill(0);
    });
    await register.append([bytes]);
    expect((await register.docket(2))?.hash).toBe(dockets[2]?.hash);
  });
});

/** A call with what the compiler would refuse. */
function callUntyped(register: VerifiedRegister, name: 'seal' | 'append', ...args: unknown[]): unknown {
  return Reflect.apply(register[name], register, args);
}

function foreign() {
  return createTransaction({ registerId: 'other', timestamp: 1 }, stranger);
}

function foreignDocket(height: number): Uint8Array {
  const transactions = [requireParsed(parseTransactionRecord(foreign().record))];
  return createDocket({ registerId: 'other', height, previousHash: 'ab'.repeat(32), timestamp: 1, transactions })
    .record;
}
