import { StorageError } from '@sorcha/storage';
import { createFaultyWormStore } from '@sorcha/storage/testing';
import { describe, expect, it } from 'vitest';
import { createCheckpoint } from '../anchor/checkpoint.ts';
import { createNodeIdentity, toOrigin } from '../anchor/node-identity.ts';
import { createSigningKey } from '../docket/signing-key.ts';
import { createFaultyAnchorStore } from '../testing/create-faulty-anchor-store.ts';
import { createTestRegister } from '../testing/create-test-register.ts';
import { rehash } from '../testing/tamper-record.ts';

const at = (records: readonly { readonly record: Uint8Array }[], height: number) =>
  records[height]?.record ?? new Uint8Array();

describe('the start of a register (FR-047)', () => {
  it('is fresh where nothing was ever sealed, and writes nothing', async () => {
    const test = await createTestRegister();
    const register = await test.open();
    expect(register).toMatchObject({ state: 'Healthy', size: 0, headHash: '0'.repeat(64) });
    expect(register.report).toMatchObject({ anchor: 'fresh', totalDockets: 0, ranges: [], warnings: [] });
    expect((await test.anchors.read('test')).note).toBeUndefined();
    expect(test.records.size).toBe(0);
  });

  it('finds stored and anchored dockets matched', async () => {
    const test = await createTestRegister({ sealed: 4 });
    const register = await test.open();
    expect(register).toMatchObject({ state: 'Healthy', size: 4, headHash: test.dockets[3]?.hash });
    expect(register.report).toMatchObject({ anchor: 'matched', verifiedDockets: 4, warnings: [] });
  });

  it.each([0, 3])('forgets a docket that was announced and not stored, above %i', async (sealed) => {
    const test = await createTestRegister({ sealed });
    await test.crash(sealed, 'announced');
    const register = await test.open();
    expect(register).toMatchObject({ state: 'Healthy', size: sealed });
    expect((await register.seal([await test.sign()])).height).toBe(sealed);
    expect((await test.open()).size).toBe(sealed + 1);
  });

  it.each([0, 3])('takes over a docket that was stored and not anchored, above %i', async (sealed) => {
    const test = await createTestRegister({ sealed });
    await test.crash(sealed, 'stored');
    const register = await test.open();
    expect(register).toMatchObject({ state: 'Healthy', size: sealed + 1 });
    expect(register.report).toMatchObject({ anchor: 'extended', warnings: [expect.stringMatching(/^One docket/)] });
    expect((await register.docket(sealed))?.hash).toBe(test.dockets[sealed]?.hash);
    expect((await test.anchors.read('test')).announced).toEqual([]);
    expect((await test.open()).report).toMatchObject({ anchor: 'matched', warnings: [] });
    expect((await register.seal([await test.sign()])).height).toBe(sealed + 1);
  });

  it('takes over several of them, and none that nobody announced', async () => {
    const test = await createTestRegister({ sealed: 2 });
    await test.crash(2, 'stored');
    await test.crash(3, 'stored');
    const { report } = await test.open();
    expect(report).toMatchObject({ anchor: 'extended', warnings: [expect.stringMatching(/^2 dockets/)] });
    await test.damage.insert('test', 4, at(test.dockets, 4));
    const forged = await test.open();
    expect(forged).toMatchObject({ state: 'Degraded', size: 4 });
    expect(forged.ranges()).toMatchObject([{ from: 4, to: 4, kind: 'Forked' }]);
    await expect(forged.docket(4)).rejects.toMatchObject({ code: 'CORRUPTED' });
  });

  it('says what to do where the anchors are older than cold storage, or many ranges are damaged', async () => {
    const test = await createTestRegister({ dockets: 16, sealed: 8 });
    const old = await test.anchors.read('test');
    const writer = await test.open();
    await writer.append(test.dockets.slice(8, 10).map(({ record }) => record));
    test.anchors.put('test', old);
    test.events.length = 0;
    const register = await test.open();
    expect(register).toMatchObject({ state: 'Degraded', size: 8 });
    expect(register.report).toMatchObject({ verifiedDockets: 8, totalDockets: 8 });
    expect(register.report.warnings).toEqual([
      expect.stringMatching(/above .*anchor store is older than cold storage/),
    ]);
    expect(test.events.at(-1)).toMatchObject({ message: /^8 of 8 dockets are proven; 2 ranges above them cannot be/ });
    const advice = /not proven: 8 Forked, 9 BrokenChainLink; everything below is proven: if the anchor store is older/;
    await expect(register.seal([await test.sign()])).rejects.toMatchObject({ code: 'DEGRADED', message: advice });

    const damaged = await createTestRegister({ dockets: 16, sealed: 16 });
    for (let height = 1; height < 16; height += 2) await damaged.damage.remove('test', height);
    const many = await damaged.open();
    expect(many.report.warnings).toEqual([]);
    const message = /: 1 MissingData, .*, 9 MissingData and 3 more ranges; restore the records from a copy of cold/;
    await expect(many.seal([await damaged.sign()])).rejects.toMatchObject({ code: 'DEGRADED', message });
  });

  it('does not count dockets that nobody announced as a beginning', async () => {
    const test = await createTestRegister();
    await test.damage.insert('test', 0, at(test.dockets, 0));
    const register = await test.open();
    expect(register).toMatchObject({ state: 'Degraded', size: 1 });
    expect(register.report).toMatchObject({ anchor: 'absent', ranges: [], warnings: [expect.stringMatching(/adopt/)] });
  });

  it('is Degraded without a head, and serves what is proven', async () => {
    const test = await createTestRegister({ sealed: 4 });
    test.anchors.put('test', { note: undefined, hashes: new Uint8Array(), announced: [] });
    const register = await test.open();
    expect(register.state).toBe('Degraded');
    expect(register.report.anchor).toBe('absent');
    expect((await register.docket(2))?.hash).toBe(test.dockets[2]?.hash);
    await expect(register.seal([await test.sign()])).rejects.toMatchObject({ code: 'DEGRADED' });
  });

  it('is Degraded by damage, which says where, what and when', async () => {
    const test = await createTestRegister({ sealed: 5 });
    await test.damage.remove('test', 1);
    await test.damage.replace('test', 3, at(test.dockets, 3).subarray(0, 50));
    test.clock.advance(1_000);
    const detectedAt = test.clock.now();
    const register = await test.open();
    test.clock.advance(1_000);
    expect(register.state).toBe('Degraded');
    expect(register.ranges()).toMatchObject([
      { from: 1, to: 1, kind: 'MissingData', detectedAt },
      { from: 3, to: 3, kind: 'MalformedData', detectedAt },
    ]);
    expect(register.report).toMatchObject({ anchor: 'damaged', verifiedDockets: 3, totalDockets: 5 });
    expect(test.events).toMatchObject([
      { type: 'corruption', range: { from: 1, kind: 'MissingData' } },
      { type: 'corruption', range: { from: 3, kind: 'MalformedData' } },
      { type: 'state', from: 'Initializing', to: 'Degraded', cause: 'unproven', at: detectedAt },
    ]);
  });

  it('finds a record with nothing wrong but the seal of the storage', async () => {
    const test = await createTestRegister({ sealed: 3 });
    const stored = test.records.get('test');
    const record = stored?.get(1);
    if (record !== undefined) stored?.set(1, { ...record, sealedAt: record.sealedAt + 1 });
    expect((await test.open()).ranges()).toMatchObject([{ from: 1, to: 1, kind: 'MalformedData' }]);
  });

  it('judges each docket although the hashes beside the head are forged, and makes them right with the next head', async () => {
    const test = await createTestRegister({ sealed: 4 });
    const kept = await test.anchors.read('test');
    test.anchors.put('test', { ...kept, hashes: Buffer.alloc(kept.hashes.length, 7) });
    const register = await test.open();
    expect(register).toMatchObject({ state: 'Healthy', size: 4 });
    await register.seal([await test.sign()]);
    const { hashes } = await test.anchors.read('test');
    expect(Buffer.from(hashes.subarray(0, kept.hashes.length)).equals(kept.hashes)).toBe(true);
  });
});

describe('a start that is refused', () => {
  it.each([
    [
      'a stranger',
      async (size: number, root: Uint8Array) => {
        const stranger = await createNodeIdentity('node.test');
        return createCheckpoint(toOrigin('node.test', 'test'), { size, root }, stranger.key);
      },
    ],
    ['nobody', async () => 'node.test/test\n4\n'],
  ])('ends with ANCHOR_INVALID when %s signed the head', async (_, sign) => {
    const test = await createTestRegister({ sealed: 4 });
    const kept = await test.anchors.read('test');
    test.anchors.put('test', { ...kept, note: await sign(4, new Uint8Array(32)) });
    await expect(test.open()).rejects.toMatchObject({ code: 'ANCHOR_INVALID' });
  });

  it('ends with ANCHOR_INVALID on the head of another register, before anything is read', async () => {
    const test = await createTestRegister({ sealed: 4 });
    test.anchors.put('other', await test.anchors.read('test'));
    const faulty = createFaultyWormStore(test.cold);
    faulty.plan({ call: 'read', code: 'UNAVAILABLE' });
    const opening = test.open({ registerId: 'other', cold: faulty.store });
    await expect(opening).rejects.toMatchObject({ code: 'ANCHOR_INVALID' });
    expect(faulty.pending()).toBe(1);
  });

  it.each(['', 'Test', '-a', 'a-', 'a b', 'a/b', '..', 'a'.repeat(64)])('has no register id %j', async (registerId) => {
    const test = await createTestRegister();
    await expect(test.open({ registerId })).rejects.toMatchObject({ code: 'INVALID' });
  });

  it.each([0, -1, 1.5, Number.NaN])('has no batch of %d dockets', async (batchDockets) => {
    const test = await createTestRegister();
    await expect(test.open({ batchDockets })).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('ends with INVALID_KEY when the head cannot be signed with the key of the node', async () => {
    const test = await createTestRegister();
    await test.crash(0, 'stored');
    const node = { name: 'node.test', key: await createSigningKey('p-256') };
    await expect(test.open({ node })).rejects.toMatchObject({ code: 'INVALID_KEY' });
  });

  it.each(
    (['height', 'count', 'range'] as const).flatMap((call) =>
      (['UNAVAILABLE', 'TIMEOUT'] as const).map((code) => [call, code] as const),
    ),
  )('passes on that %s of cold storage ends with %s', async (call, code) => {
    const test = await createTestRegister({ sealed: 4 });
    const fail = () => {
      throw new StorageError(code, 'a fault');
    };
    await expect(test.open({ cold: { ...test.cold, [call]: fail } })).rejects.toMatchObject({ code });
  });

  it('passes on an outage of the anchor store, and leaves nothing half done', async () => {
    const test = await createTestRegister({ sealed: 3 });
    await test.crash(3, 'stored');
    const faulty = createFaultyAnchorStore(test.anchors);
    for (const fault of [
      { call: 'read', code: 'UNAVAILABLE', isWritten: false },
      { call: 'advance', code: 'UNAVAILABLE', isWritten: false },
      { call: 'advance', code: 'OUTCOME_UNKNOWN', isWritten: true },
    ] as const) {
      faulty.plan(fault);
      await expect(test.open({ anchors: faulty.store })).rejects.toMatchObject({ code: fault.code });
    }
    expect(await test.open({ anchors: faulty.store })).toMatchObject({ state: 'Healthy', size: 4 });
  });

  it('ends with TIMEOUT when its signal fires, and is deaf to it afterwards', async () => {
    const test = await createTestRegister({ sealed: 4 });
    const early = AbortSignal.abort(new Error('no longer wanted'));
    await expect(test.open({ signal: early })).rejects.toMatchObject({ code: 'TIMEOUT' });
    const during = new AbortController();
    const onProgress = () => during.abort();
    const opening = test.open({ signal: during.signal, batchDockets: 1, onProgress });
    await expect(opening).rejects.toMatchObject({ code: 'TIMEOUT' });
    const after = new AbortController();
    const register = await test.open({ signal: after.signal });
    after.abort();
    await (await test.open()).seal([await test.sign()]);
    // Damage above makes it verify everything again.
    await test.damage.insert('test', 6, new Uint8Array(1));
    await register.refresh();
    expect(register).toMatchObject({ size: 5, state: 'Degraded' });
  });
});

describe('the report of a start (FR-046)', () => {
  it('has the numbers of what was verified', async () => {
    const test = await createTestRegister({ sealed: 6 });
    const { report } = await test.open();
    expect(report).toMatchObject({
      registerId: 'test',
      state: 'Healthy',
      verifiedDockets: 6,
      totalDockets: 6,
      verifiedTransactions: 12,
      signatures: 12,
    });
    const seconds = (report.loadMs + report.verificationMs) / 1000;
    expect(report.loadMs).toBeGreaterThanOrEqual(0);
    expect(report.verificationMs).toBeGreaterThan(0);
    expect(report.docketsPerSecond).toBeCloseTo(6 / Math.max(seconds, 0.001), 3);
    expect(report.signaturesPerSecond).toBeCloseTo(12 / Math.max(seconds, 0.001), 3);
  });

  it('counts only proven dockets and their transactions', async () => {
    const test = await createTestRegister({ sealed: 6 });
    const damaged = rehash(at(test.dockets, 2), (draft) => ({ ...draft, timestamp: 5 }));
    await test.damage.replace('test', 2, damaged);
    await test.damage.remove('test', 5);
    const { report } = await test.open();
    expect(report).toMatchObject({ verifiedDockets: 4, totalDockets: 6, verifiedTransactions: 8, signatures: 10 });
    expect(report.ranges).toMatchObject([{ kind: 'Forked' }, { kind: 'RolledBack' }]);
  });

  it('comes after progress in batches, up to the end', async () => {
    const test = await createTestRegister({ sealed: 5 });
    const seen: unknown[] = [];
    await test.open({ batchDockets: 2, onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual([
      { dockets: 2, total: 5, signatures: 4 },
      { dockets: 4, total: 5, signatures: 8 },
      { dockets: 5, total: 5, signatures: 10 },
    ]);
  });

  it('lets the event loop run between batches', async () => {
    const test = await createTestRegister({ sealed: 6 });
    let isFree = false;
    const opening = test.open({ batchDockets: 1 });
    setImmediate(() => {
      isFree = true;
    });
    await opening;
    expect(isFree).toBe(true);
  });
});
