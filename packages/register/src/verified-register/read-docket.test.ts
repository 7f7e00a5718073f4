import { createFaultyWormStore } from '@sorcha/storage/testing';
import { describe, expect, it } from 'vitest';
import { createSigningKey } from '../docket/signing-key.ts';
import { createTestLedger } from '../testing/create-test-ledger.ts';
import { createTestRegister } from '../testing/create-test-register.ts';
import { bitFlip, cutRecord, forgeSignature, rehash } from '../testing/tamper-record.ts';
import type { CorruptionKind } from '../verification/corruption.ts';

const forger = await createSigningKey('ed25519');

async function openSealed(sealed = 4) {
  const test = await createTestRegister({ sealed });
  const register = await test.open();
  test.events.length = 0;
  const record = (height: number) => test.dockets[height]?.record ?? new Uint8Array();
  return { ...test, register, record };
}

describe('reading a docket (FR-042, FR-044)', () => {
  it('gives exactly the bytes that were sealed', async () => {
    const { register, dockets } = await openSealed();
    for (const [height, docket] of dockets.slice(0, 4).entries()) {
      const served = await register.docket(height);
      expect(served?.hash).toBe(docket.hash);
      expect(served?.header).toEqual(docket.header);
      expect(Buffer.from(served?.record ?? []).equals(docket.record)).toBe(true);
    }
  });

  it('gives nothing above the register', async () => {
    const { register } = await openSealed();
    expect(await register.docket(4)).toBeUndefined();
    expect(await register.docket(Number.MAX_SAFE_INTEGER)).toBeUndefined();
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses height %d', async (height) => {
    const { register } = await openSealed();
    await expect(register.docket(height)).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('gives no docket that lies in storage and was never verified', async () => {
    const { register, damage, record } = await openSealed();
    await damage.insert('test', 4, record(4));
    expect(await register.docket(4)).toBeUndefined();
    expect(register.state).toBe('Healthy');
  });

  const CHANGES: readonly (readonly [CorruptionKind, string, (record: Uint8Array) => Uint8Array | undefined])[] = [
    [
      'InvalidDocketHash',
      'a bit of a payload turns over',
      (bytes) => bitFlip(bytes, Buffer.from(bytes).indexOf('Delivery') * 8 + 7),
    ],
    ['MalformedData', 'its end is cut off', (bytes) => cutRecord(bytes, bytes.length - 5)],
    ['MalformedData', 'nothing is left of it', () => new Uint8Array()],
    ['MissingData', 'it is removed', () => undefined],
    ['InvalidTransactionSignature', 'a signature is forged', (bytes) => forgeSignature(bytes, 0, forger)],
    ['Forked', 'another sound docket takes its place', (bytes) => rehash(bytes, (d) => ({ ...d, timestamp: 1 }))],
  ];

  it.each(CHANGES)('refuses it as %s when %s after the start', async (kind, _, change) => {
    const { register, damage, record, clock, events, dockets } = await openSealed();
    const bytes = change(record(2));
    await (bytes === undefined ? damage.remove('test', 2) : damage.replace('test', 2, bytes));
    clock.advance(60_000);
    const detectedAt = clock.now();
    await expect(register.docket(2)).rejects.toMatchObject({ code: 'CORRUPTED' });
    expect(register.state).toBe('Degraded');
    expect(events).toMatchObject([
      { type: 'corruption', range: { from: 2, to: 2, kind, detectedAt } },
      { type: 'state', from: 'Healthy', to: 'Degraded', cause: 'changed', at: detectedAt },
    ]);
    clock.advance(60_000);
    expect(register.ranges()).toMatchObject([{ from: 2, to: 2, kind, detectedAt }]);
    expect((await register.docket(1))?.hash).toBe(dockets[1]?.hash);
  });

  it('never trusts a height again that lied once, even when the bytes are right again', async () => {
    const { register, damage, record, events } = await openSealed();
    await damage.replace('test', 2, bitFlip(record(2), 900));
    await expect(register.docket(2)).rejects.toMatchObject({ code: 'CORRUPTED' });
    await damage.replace('test', 2, record(2));
    await expect(register.docket(2)).rejects.toMatchObject({ code: 'CORRUPTED' });
    expect(events.filter(({ type }) => type === 'corruption')).toHaveLength(1);
  });

  it('tells of damage once, however many readers hit it', async () => {
    const { register, damage, record, events } = await openSealed();
    await damage.replace('test', 2, bitFlip(record(2), 900));
    const reads = await Promise.allSettled(Array.from({ length: 5 }, async () => register.docket(2)));
    expect(reads.every(({ status }) => status === 'rejected')).toBe(true);
    expect(events.map(({ type }) => type)).toEqual(['corruption', 'state']);
  });

  it('is served from the bytes alone, whatever the storage says of its seal', async () => {
    const { register, records, dockets } = await openSealed();
    const stored = records.get('test');
    const record = stored?.get(2);
    if (record !== undefined) stored?.set(2, { ...record, sha256: '0'.repeat(64) });
    expect((await register.docket(2))?.hash).toBe(dockets[2]?.hash);
  });

  it('refuses a record that was moved from another height or register', async () => {
    const { register, damage, record } = await openSealed();
    await damage.replace('test', 1, record(2));
    const options = { registerId: 'other', dockets: 3, transactionsPerDocket: 2, mix: ['ed25519'] as const };
    const others = await Array.fromAsync(createTestLedger(options));
    await damage.replace('test', 2, others[2]?.record ?? new Uint8Array());
    await expect(register.docket(1)).rejects.toMatchObject({ code: 'CORRUPTED' });
    await expect(register.docket(2)).rejects.toMatchObject({ code: 'CORRUPTED' });
    expect(register.ranges()).toMatchObject([{ from: 1, to: 2, kind: 'MalformedData' }]);
  });

  it('is unavailable in an outage, which is no damage', async () => {
    const test = await createTestRegister({ sealed: 4 });
    const faulty = createFaultyWormStore(test.cold);
    const register = await test.open({ cold: faulty.store, cacheBytes: 0 });
    faulty.plan({ call: 'read', code: 'UNAVAILABLE' }, { call: 'read', code: 'TIMEOUT' });
    await expect(register.docket(1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(register.docket(1)).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect((await register.docket(1))?.hash).toBe(test.dockets[1]?.hash);
    faulty.plan({ call: 'read', code: 'CORRUPTED' });
    await expect(register.docket(1)).rejects.toMatchObject({ code: 'CORRUPTED' });
    expect(register.ranges()).toMatchObject([{ from: 1, kind: 'MalformedData' }]);
  });

  it('marks its damage although a listener throws', async () => {
    const test = await createTestRegister({ sealed: 4 });
    const onEvent = ({ type }: { readonly type: string }) => {
      if (type === 'corruption') throw new Error('a broken listener');
    };
    const register = await test.open({ onEvent });
    await test.damage.remove('test', 2);
    await expect(register.docket(2)).rejects.toThrow('a broken listener');
    expect(register).toMatchObject({ state: 'Degraded' });
    await expect(register.docket(2)).rejects.toMatchObject({ code: 'CORRUPTED' });
  });
});

describe('reading a transaction', () => {
  it('gives it with its place', async () => {
    const { register, dockets } = await openSealed();
    for (const [height, { transactions }] of dockets.slice(0, 4).entries()) {
      for (const [index, { id, body }] of transactions.entries()) {
        expect(await register.transaction(id)).toMatchObject({ height, index, transaction: { id, body } });
      }
    }
  });

  it('gives nothing for an unknown id, and refuses what is none', async () => {
    const { register } = await openSealed();
    expect(await register.transaction('ab'.repeat(32))).toBeUndefined();
    for (const id of ['', 'AB'.repeat(32), 'ab'.repeat(31), '__proto__', `${'ab'.repeat(32)}\n`]) {
      await expect(register.transaction(id)).rejects.toMatchObject({ code: 'INVALID' });
    }
  });

  it('refuses it when its docket changed', async () => {
    const { register, damage, record, dockets } = await openSealed();
    await damage.replace('test', 2, bitFlip(record(2), 900));
    const id = dockets[2]?.transactions[1]?.id ?? '';
    await expect(register.transaction(id)).rejects.toMatchObject({ code: 'CORRUPTED' });
  });

  it('finds none of a docket that was damaged at the start', async () => {
    const test = await createTestRegister({ sealed: 4 });
    await test.damage.replace('test', 2, bitFlip(test.dockets[2]?.record ?? new Uint8Array(), 900));
    const register = await test.open();
    expect(await register.transaction(test.dockets[2]?.transactions[0]?.id ?? '')).toBeUndefined();
  });
});

describe('a closed register', () => {
  it('is Offline and refuses every call; closing again does nothing', async () => {
    const { register, sign, events, dockets } = await openSealed();
    const transaction = await sign();
    await register.close();
    await register.close();
    const id = dockets[0]?.transactions[0]?.id ?? '';
    const calls = [
      register.docket(0),
      register.transaction(id),
      register.seal([transaction]),
      register.append([]),
      register.refresh(),
      register.adoptHead(),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'OFFLINE' });
    expect(events).toMatchObject([{ type: 'state', from: 'Healthy', to: 'Offline', cause: 'closed' }]);
  });

  it('lets what was begun before end first, but serves no read that ends after it', async () => {
    const { register, sign } = await openSealed();
    const sealing = register.seal([await sign()]);
    const closing = register.close();
    expect((await sealing).height).toBe(4);
    const late = register.docket(0);
    await closing;
    await expect(late).rejects.toMatchObject({ code: 'OFFLINE' });
    expect(register.state).toBe('Offline');
  });
});
