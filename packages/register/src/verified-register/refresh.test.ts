import { describe, expect, it } from 'vitest';
import { createFaultyAnchorStore } from '../testing/create-faulty-anchor-store.ts';
import { createTestRegister } from '../testing/create-test-register.ts';
import { rehash } from '../testing/tamper-record.ts';

describe('refresh', () => {
  it('does nothing when nothing happened', async () => {
    const test = await createTestRegister({ sealed: 3 });
    const register = await test.open();
    test.events.length = 0;
    const before = await test.anchors.read('test');
    await register.refresh();
    expect(register).toMatchObject({ size: 3, state: 'Healthy' });
    expect(await test.anchors.read('test')).toEqual(before);
    expect(test.events).toEqual([]);
  });

  it('serves what others sealed, and takes over what they left', async () => {
    const test = await createTestRegister({ sealed: 1 });
    const register = await test.open();
    const writer = await test.open();
    await writer.append(test.dockets.slice(1, 4).map(({ record }) => record));
    await test.crash(4, 'stored');
    await register.refresh();
    expect(register).toMatchObject({ size: 5, state: 'Healthy' });
    for (const [height, { hash }] of test.dockets.slice(0, 5).entries()) {
      expect((await register.docket(height))?.hash).toBe(hash);
    }
    expect((await test.open()).report).toMatchObject({ anchor: 'matched', totalDockets: 5 });
  });

  it.each([
    ['Forked', 'a docket that nobody announced', (record: Uint8Array) => record],
    [
      'BrokenChainLink',
      'a docket that continues nothing',
      (record: Uint8Array) => rehash(record, (draft) => ({ ...draft, previousHash: '00'.repeat(32) })),
    ],
    ['MalformedData', 'bytes that are none', () => new Uint8Array(5)],
  ] as const)('finds %s in %s above the head, becomes Degraded and serves the rest', async (kind, _, forge) => {
    const test = await createTestRegister({ sealed: 2 });
    const register = await test.open();
    test.events.length = 0;
    await test.damage.insert('test', 2, forge(test.dockets[2]?.record ?? new Uint8Array()));
    await register.refresh();
    expect(register).toMatchObject({ size: 2, state: 'Degraded' });
    expect(register.ranges()).toMatchObject([{ from: 2, to: 2, kind }]);
    expect((await register.docket(1))?.hash).toBe(test.dockets[1]?.hash);
    expect(test.events.map(({ type }) => type)).toEqual(['corruption', 'state']);
  });

  it('finds a sound docket in the place of the one that others sealed', async () => {
    const test = await createTestRegister({ sealed: 2 });
    const register = await test.open();
    await (await test.open()).append(test.dockets.slice(2, 3).map(({ record }) => record));
    const forged = rehash(test.dockets[2]?.record ?? new Uint8Array(), (draft) => ({ ...draft, timestamp: 1 }));
    await test.damage.replace('test', 2, forged);
    await register.refresh();
    expect(register).toMatchObject({ size: 3, state: 'Degraded' });
    expect(register.ranges()).toMatchObject([{ from: 2, to: 2, kind: 'Forked' }]);
    await expect(register.docket(2)).rejects.toMatchObject({ code: 'CORRUPTED' });
  });

  it('finds dockets that disappeared from the end', async () => {
    const test = await createTestRegister({ sealed: 4 });
    const register = await test.open();
    await test.damage.remove('test', 3);
    await test.damage.remove('test', 2);
    await register.refresh();
    expect(register.ranges()).toMatchObject([{ from: 2, to: 3, kind: 'RolledBack' }]);
    expect(register.state).toBe('Degraded');
    expect((await register.docket(0))?.hash).toBe(test.dockets[0]?.hash);
  });

  it('finds a docket that others sealed and that was damaged before it was read', async () => {
    const test = await createTestRegister({ sealed: 2 });
    const register = await test.open();
    const writer = await test.open();
    await writer.append(test.dockets.slice(2, 4).map(({ record }) => record));
    await test.damage.replace('test', 2, new Uint8Array(1));
    await register.refresh();
    expect(register).toMatchObject({ size: 4, state: 'Degraded' });
    expect(register.ranges()).toMatchObject([{ from: 2, to: 2, kind: 'MalformedData' }]);
    expect((await register.docket(3))?.hash).toBe(test.dockets[3]?.hash);
  });

  it('keeps what readers found while it verified, even if the storage tells the truth again', async () => {
    const test = await createTestRegister({ sealed: 4 });
    const anchors = createFaultyAnchorStore(test.anchors);
    const register = await test.open({ anchors: anchors.store });
    const writer = await test.open();
    await writer.seal([await test.sign()]);
    // A gap makes it verify everything; while it does, a reader meets other bytes for a moment.
    await test.damage.insert('test', 6, new Uint8Array(1));
    const intact = test.dockets[1]?.record ?? new Uint8Array();
    anchors.before('read', async () => undefined);
    anchors.before('read', async () => {
      await test.damage.replace('test', 1, new Uint8Array(1));
      await expect(register.docket(1)).rejects.toMatchObject({ code: 'CORRUPTED' });
      await test.damage.replace('test', 1, intact);
      await test.damage.remove('test', 6);
    });
    await register.refresh();
    expect(register.state).toBe('Degraded');
    expect(register.ranges()).toMatchObject([
      { from: 1, to: 1 },
      { from: 6, to: 6 },
    ]);
  });

  it("refuses a head that is not this node's, and knows no more than before", async () => {
    const test = await createTestRegister({ sealed: 2 });
    const register = await test.open();
    const kept = await test.anchors.read('test');
    test.anchors.put('test', { ...kept, note: kept.note?.replace('\n2\n', '\n1\n') });
    await expect(register.refresh()).rejects.toMatchObject({ code: 'ANCHOR_INVALID' });
    expect(register.size).toBe(2);
    expect((await register.docket(1))?.hash).toBe(test.dockets[1]?.hash);
  });

  it('is Degraded when the head is gone', async () => {
    const test = await createTestRegister({ sealed: 2 });
    const register = await test.open();
    test.anchors.put('test', { note: undefined, hashes: new Uint8Array(), announced: [] });
    await register.refresh();
    expect(register.state).toBe('Degraded');
    await expect(register.seal([await test.sign()])).rejects.toMatchObject({ code: 'DEGRADED' });
  });
});
