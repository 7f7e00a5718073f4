import { StorageError, type WormStore } from '@sorcha/storage';
import { describe, expect, it } from 'vitest';
import { createTestRegister } from '../testing/create-test-register.ts';
import { bitFlip } from '../testing/tamper-record.ts';

/** Cold storage whose records above a height come when they are let through. */
function holdAbove(cold: WormStore<string>, height: number) {
  const gate = Promise.withResolvers<void>();
  const held: WormStore<string> = {
    ...cold,
    range: async function* (...call) {
      for await (const record of cold.range(...call)) {
        if (record.sequence > height) await gate.promise;
        yield record;
      }
    },
  };
  return { cold: held, letThrough: () => gate.resolve(), fail: (error: Error) => gate.reject(error) };
}

/** Waits until so many dockets have their verdict. */
async function waitForSize(register: { readonly verifiedSize: number }, size: number): Promise<void> {
  await expect.poll(() => register.verifiedSize).toBe(size);
}

describe('a progressive start (FR-047)', () => {
  it('serves what is verified so far, and says of the rest that it is not', async () => {
    const test = await createTestRegister({ sealed: 6 });
    const { cold, letThrough } = holdAbove(test.cold, 3);
    const register = await test.open({ cold, start: 'progressive', batchDockets: 1 });
    await waitForSize(register, 4);
    expect(register).toMatchObject({ state: 'Initializing', size: 6, headHash: test.dockets[5]?.hash });
    expect((await register.docket(3))?.hash).toBe(test.dockets[3]?.hash);
    const [early, late] = [test.dockets[2]?.transactions[0]?.id ?? '', test.dockets[5]?.transactions[0]?.id ?? ''];
    expect(await register.transaction(early)).toMatchObject({ height: 2, index: 0 });
    await expect(register.transaction(late)).rejects.toMatchObject({ code: 'INITIALIZING' });
    expect(() => register.report).toThrow(/4 of 6/);
    for (const call of [register.seal([await test.sign()]), register.refresh(), register.adoptHead()]) {
      await expect(call).rejects.toMatchObject({ code: 'INITIALIZING' });
    }
    letThrough();
    expect(await register.started).toMatchObject({
      state: 'Healthy',
      verifiedDockets: 6,
      anchor: 'matched',
      ranges: [],
    });
    expect(register).toMatchObject({ state: 'Healthy', verifiedSize: 6, report: { verifiedDockets: 6 } });
    expect(await register.transaction(late)).toMatchObject({ height: 5 });
    expect((await register.seal([await test.sign()])).height).toBe(6);
  });

  it('verifies a docket above for whoever asks for it, and serves no damage', async () => {
    const test = await createTestRegister({ sealed: 6 });
    await test.damage.replace('test', 4, bitFlip(test.dockets[4]?.record ?? new Uint8Array(), 3_000));
    const { cold, letThrough } = holdAbove(test.cold, 0);
    const register = await test.open({ cold, start: 'progressive' });
    expect((await register.docket(5))?.hash).toBe(test.dockets[5]?.hash);
    await expect(register.docket(4)).rejects.toMatchObject({ code: 'CORRUPTED' });
    expect(await register.docket(6)).toBeUndefined();
    expect(register.state).toBe('Initializing');
    letThrough();
    const report = await register.started;
    expect(report).toMatchObject({ state: 'Degraded', verifiedDockets: 5, ranges: [{ from: 4, to: 4 }] });
    expect(register.ranges()).toEqual(report.ranges);
  });

  it.each([
    ['damage', async (test: Awaited<ReturnType<typeof createTestRegister>>) => test.damage.remove('test', 2)],
    ['a lost end', async (test: Awaited<ReturnType<typeof createTestRegister>>) => test.damage.remove('test', 5)],
    [
      'a docket that a crash left',
      async (test: Awaited<ReturnType<typeof createTestRegister>>) => test.crash(6, 'stored'),
    ],
  ])('ends with what a blocking start finds: %s', async (_, change) => {
    const test = await createTestRegister({ dockets: 8, sealed: 6 });
    await change(test);
    const kept = await test.anchors.read('test');
    const blocking = await test.open({ start: 'blocking' });
    test.anchors.put('test', kept);
    const progressive = await test.open({ start: 'progressive' });
    const { loadMs, verificationMs, docketsPerSecond, signaturesPerSecond, ...report } = blocking.report;
    expect(await progressive.started).toMatchObject(report);
    expect(progressive.ranges()).toEqual(blocking.ranges());
    expect(progressive.headHash).toBe(blocking.headHash);
    expect([loadMs, verificationMs, docketsPerSecond, signaturesPerSecond]).not.toContain(undefined);
  });

  it('takes over what another writer seals meanwhile', async () => {
    const test = await createTestRegister({ dockets: 9, sealed: 6 });
    const writer = await test.open();
    const { cold, letThrough } = holdAbove(test.cold, 3);
    const register = await test.open({ cold, start: 'progressive' });
    await writer.append(test.dockets.slice(6).map(({ record }) => record));
    letThrough();
    expect(await register.started).toMatchObject({ state: 'Healthy', verifiedDockets: 9, anchor: 'matched' });
    expect(register.headHash).toBe(writer.headHash);
  });

  it('that is closed ends, and serves nothing more', async () => {
    const test = await createTestRegister({ sealed: 6 });
    const { cold, letThrough } = holdAbove(test.cold, 3);
    const register = await test.open({ cold, start: 'progressive' });
    const closing = register.close();
    letThrough();
    await closing;
    await expect(register.started).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(register.state).toBe('Offline');
    await expect(register.docket(0)).rejects.toMatchObject({ code: 'OFFLINE' });
  });

  it('during which the storage goes away is Offline, and says why', async () => {
    const test = await createTestRegister({ sealed: 6 });
    const { cold, fail } = holdAbove(test.cold, 3);
    const register = await test.open({ cold, start: 'progressive' });
    fail(new StorageError('UNAVAILABLE', 'The disk is gone.'));
    await expect(register.started).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(register.state).toBe('Offline');
    expect(test.events.at(-1)).toMatchObject({
      type: 'state',
      to: 'Offline',
      cause: 'failed',
      message: expect.stringContaining('disk is gone') as unknown,
    });
  });

  it('is a blocking one where no head proves the hashes', async () => {
    const test = await createTestRegister({ sealed: 3 });
    const { note, announced } = await test.anchors.read('test');
    test.anchors.put('test', { note, hashes: new Uint8Array(), announced });
    const register = await test.open({ start: 'progressive' });
    expect(register.report).toMatchObject({ state: 'Healthy', verifiedDockets: 3 });
  });

  it('refuses another kind of start', async () => {
    const test = await createTestRegister();
    const rest: object = { start: 'eager' };
    await expect(test.open(rest)).rejects.toMatchObject({ code: 'INVALID' });
  });
});
