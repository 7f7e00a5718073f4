import { type AppendFault, createFaultyWormStore } from '@sorcha/storage/testing';
import { describe, expect, it } from 'vitest';
import type { AnchorStore } from '../anchor/anchor-store.ts';
import { type AnchorFault, createFaultyAnchorStore } from '../testing/create-faulty-anchor-store.ts';
import { createTestRegister } from '../testing/create-test-register.ts';

async function openFaulty() {
  const test = await createTestRegister({ sealed: 2 });
  const cold = createFaultyWormStore(test.cold);
  const anchors = createFaultyAnchorStore(test.anchors);
  const register = await test.open({ cold: cold.store, anchors: anchors.store });
  const stored = () => test.records.get('test')?.size;
  /** Proves that the register and its stores hold the same, and that it goes on. */
  const expectWhole = async (size: number) => {
    expect(register).toMatchObject({ state: 'Healthy', size });
    expect(stored()).toBe(size);
    const again = await test.open();
    expect(again).toMatchObject({ state: 'Healthy', size, headHash: register.headHash });
    expect(again.report.anchor).toBe(size === 0 ? 'fresh' : 'matched');
    expect((await register.seal([await test.sign()])).height).toBe(size);
  };
  return { ...test, cold, anchors, register, stored, expectWhole };
}

const lost = (isWritten: boolean, times = 1): AppendFault => ({
  call: 'append',
  code: 'OUTCOME_UNKNOWN',
  isWritten,
  times,
});

describe('a write whose outcome is unknown', () => {
  it('is found by reading back when it took place', async () => {
    const { register, cold, sign, expectWhole } = await openFaulty();
    cold.plan(lost(true));
    expect((await register.seal([await sign()])).height).toBe(2);
    await expectWhole(3);
  });

  it('is repeated when it did not take place', async () => {
    const { register, cold, sign, expectWhole } = await openFaulty();
    cold.plan(lost(false), lost(false));
    expect((await register.seal([await sign()])).height).toBe(2);
    await expectWhole(3);
  });

  it('is found when it is a repetition that took place', async () => {
    const { register, cold, sign, expectWhole } = await openFaulty();
    cold.plan(lost(false), lost(true));
    expect((await register.seal([await sign()])).height).toBe(2);
    await expectWhole(3);
  });

  it('stays unknown when it never takes place, and the register goes on', async () => {
    const { register, cold, sign, stored, expectWhole } = await openFaulty();
    cold.plan(lost(false, 3));
    await expect(register.seal([await sign()])).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    expect(cold.pending()).toBe(0);
    expect(stored()).toBe(2);
    await expectWhole(2);
  });

  it.each([true, false])(
    'stays unknown when reading back fails as well; refresh tells (written: %s)',
    async (isWritten) => {
      const { register, cold, sign, expectWhole } = await openFaulty();
      const record = await sign();
      cold.plan(lost(isWritten), { call: 'read', code: 'UNAVAILABLE' });
      await expect(register.seal([record])).rejects.toMatchObject({
        code: 'OUTCOME_UNKNOWN',
        message: /docket 2/,
        cause: { code: 'UNAVAILABLE' },
      });
      expect(register.size).toBe(2);
      await register.refresh();
      await expectWhole(isWritten ? 3 : 2);
    },
  );

  it('is caught up with before the next docket is sealed, without a refresh', async () => {
    const { register, cold, sign, expectWhole } = await openFaulty();
    const record = await sign();
    cold.plan(lost(true), { call: 'read', code: 'TIMEOUT' });
    await expect(register.seal([record])).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await expect(register.seal([record])).rejects.toMatchObject({ code: 'DUPLICATE_TRANSACTION' });
    expect((await register.seal([await sign()])).height).toBe(3);
    await expectWhole(4);
  });

  it('is whole or absent for a batch', async () => {
    const { register, cold, dockets, expectWhole } = await openFaulty();
    cold.plan(lost(false), lost(true));
    await register.append(dockets.slice(2, 5).map(({ record }) => record));
    await expectWhole(5);
  });

  it('is no longer ours when another docket is found at its place', async () => {
    const { register, cold, sign, open, expectWhole } = await openFaulty();
    const other = await open();
    await other.seal([await sign()]);
    cold.plan(lost(false));
    await expect(register.seal([await sign()])).rejects.toMatchObject({ code: 'SEQUENCE_CONFLICT' });
    await expectWhole(3);
  });

  it('is refused as damage when what is found was never announced', async () => {
    const { register, cold, sign, damage, dockets } = await openFaulty();
    await damage.insert('test', 2, dockets[2]?.record ?? new Uint8Array());
    cold.plan(lost(false));
    await expect(register.seal([await sign()])).rejects.toMatchObject({ code: 'DEGRADED' });
    expect(register.ranges()).toMatchObject([{ from: 2, to: 2, kind: 'Forked' }]);
  });
});

describe('a write that failed', () => {
  it.each(['UNAVAILABLE', 'TIMEOUT'] as const)(
    'with %s is the answer of the storage, and is not repeated',
    async (code) => {
      const { register, cold, sign, expectWhole } = await openFaulty();
      cold.plan({ call: 'append', code, isWritten: false });
      await expect(register.seal([await sign()])).rejects.toMatchObject({ code });
      await expectWhole(2);
    },
  );
});

describe('a head that cannot be written', () => {
  const fault = (call: keyof AnchorStore, code: AnchorFault['code'], isWritten: boolean) => ({ call, code, isWritten });

  it.each([
    fault('announce', 'UNAVAILABLE', false),
    fault('announce', 'OUTCOME_UNKNOWN', false),
    fault('announce', 'OUTCOME_UNKNOWN', true),
  ])('ends the sealing before anything is stored: %o', async (planned) => {
    const { register, anchors, sign, expectWhole } = await openFaulty();
    anchors.plan(planned);
    await expect(register.seal([await sign()])).rejects.toMatchObject({ code: planned.code });
    await expectWhole(2);
  });

  it.each([
    fault('advance', 'UNAVAILABLE', false),
    fault('advance', 'OUTCOME_UNKNOWN', false),
    fault('advance', 'OUTCOME_UNKNOWN', true),
  ])('leaves the stored docket to be caught up with: %o', async (planned) => {
    const { register, anchors, sign, expectWhole } = await openFaulty();
    const record = await sign();
    anchors.plan(planned);
    await expect(register.seal([record])).rejects.toMatchObject({
      code: 'OUTCOME_UNKNOWN',
      cause: { code: planned.code },
    });
    expect(register.size).toBe(2);
    await expect(register.seal([record])).rejects.toMatchObject({ code: 'DUPLICATE_TRANSACTION' });
    await expectWhole(3);
  });

  it('leaves it also when catching up fails at first', async () => {
    const { register, anchors, sign, expectWhole } = await openFaulty();
    anchors.plan(fault('advance', 'UNAVAILABLE', false), fault('advance', 'UNAVAILABLE', false));
    await expect(register.seal([await sign()])).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await expect(register.refresh()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await register.refresh();
    await expectWhole(3);
  });

  it('says OUTCOME_UNKNOWN and never that nothing was written, when the anchor store goes away at the worst moment', async () => {
    const { register, anchors, sign, open, expectWhole } = await openFaulty();
    // Another writer takes the stored docket over; then the store is away when this one looks for that.
    anchors.before('advance', async () => {
      await open();
    });
    anchors.plan(fault('read', 'UNAVAILABLE', false));
    await expect(register.seal([await sign()])).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
    await register.refresh();
    await expectWhole(3);
  });
});
