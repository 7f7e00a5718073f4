import { describe, expect, it } from 'vitest';
import { createFaultyAnchorStore } from '../testing/create-faulty-anchor-store.ts';
import { createTestRegister } from '../testing/create-test-register.ts';

describe('a register whose head is absent', () => {
  async function openHeadless() {
    const test = await createTestRegister({ sealed: 3 });
    test.anchors.put('test', { note: undefined, hashes: new Uint8Array(), announced: [] });
    const anchors = createFaultyAnchorStore(test.anchors);
    const register = await test.open({ anchors: anchors.store });
    test.events.length = 0;
    return { ...test, faults: anchors, register };
  }

  it('is Healthy once an operator vouches for what is there', async () => {
    const { register, open, sign, events } = await openHeadless();
    await register.adoptHead();
    expect(register).toMatchObject({ state: 'Healthy', size: 3 });
    expect(events).toMatchObject([
      { type: 'state', from: 'Degraded', to: 'Recovering', cause: 'adoption' },
      { type: 'state', from: 'Recovering', to: 'Healthy', cause: 'adoption' },
    ]);
    await register.adoptHead();
    expect((await register.seal([await sign()])).height).toBe(3);
    expect((await open()).report).toMatchObject({ anchor: 'matched', totalDockets: 4 });
  });

  it('stays Degraded when the head cannot be written, and can be tried again', async () => {
    const { register, faults } = await openHeadless();
    faults.plan({ call: 'advance', code: 'UNAVAILABLE', isWritten: false });
    await expect(register.adoptHead()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(register.state).toBe('Degraded');
    await register.adoptHead();
    expect(register.state).toBe('Healthy');
  });

  it('is left alone when another writer was first', async () => {
    const { register, open } = await openHeadless();
    await (await open()).adoptHead();
    await expect(register.adoptHead()).rejects.toMatchObject({ code: 'ANCHOR_CONFLICT' });
    expect(register.state).toBe('Degraded');
    expect((await open()).state).toBe('Healthy');
  });

  it('cannot be adopted while something in it does not verify', async () => {
    const { damage, open } = await openHeadless();
    await damage.remove('test', 1);
    const register = await open();
    expect(register.report).toMatchObject({ anchor: 'absent', verifiedDockets: 1 });
    await expect(register.adoptHead()).rejects.toMatchObject({ code: 'DEGRADED' });
  });

  it('stays Degraded when a reader finds damage while the head is signed', async () => {
    const { register, faults, damage } = await openHeadless();
    faults.before('advance', async () => {
      await damage.remove('test', 1);
      await expect(register.docket(1)).rejects.toMatchObject({ code: 'CORRUPTED' });
    });
    await register.adoptHead();
    expect(register.state).toBe('Degraded');
    expect(register.ranges()).toMatchObject([{ from: 1, to: 1, kind: 'MissingData' }]);
  });
});
