import { describe, expect, it } from 'vitest';
import { createFaultyAnchorStore } from '../testing/create-faulty-anchor-store.ts';
import { createTestRegister } from '../testing/create-test-register.ts';

describe('two writers on the same stores', () => {
  it('never fork: one seals the height, the other catches up and seals above it', async () => {
    const test = await createTestRegister({ sealed: 2 });
    const [first, second] = [await test.open(), await test.open()];
    const record = await test.sign();
    await first.seal([await test.sign()]);
    await expect(second.seal([record])).rejects.toMatchObject({ code: 'SEQUENCE_CONFLICT' });
    expect(second).toMatchObject({ size: 3, headHash: first.headHash, state: 'Healthy' });
    expect((await second.seal([record])).height).toBe(3);
    await first.refresh();
    expect(first.headHash).toBe(second.headHash);
    expect((await test.open()).report).toMatchObject({ anchor: 'matched', totalDockets: 4, ranges: [] });
  });

  it('seal every transaction once when both repeat what was refused', async () => {
    const test = await createTestRegister();
    const writers = await Promise.all(Array.from({ length: 4 }, async () => test.open()));
    await Promise.all(
      writers.map(async (writer) => {
        for (let count = 0; count < 10; count++) {
          const record = await test.sign();
          let isSealed = false;
          while (!isSealed) {
            isSealed = await writer.seal([record]).then(
              () => true,
              (error: unknown) => {
                expect(error).toMatchObject({ code: 'SEQUENCE_CONFLICT' });
                return false;
              },
            );
          }
        }
      }),
    );
    const all = await test.open();
    expect(all.report).toMatchObject({ anchor: 'matched', totalDockets: 40, verifiedTransactions: 40, ranges: [] });
    for (const writer of writers) {
      await writer.refresh();
      expect(writer).toMatchObject({ size: 40, headHash: all.headHash, state: 'Healthy' });
    }
  });

  it('both seal at once when they may build on each other', async () => {
    const test = await createTestRegister();
    const writers = await Promise.all(Array.from({ length: 4 }, async () => test.open()));
    const sealed = await Promise.all(writers.map(async (writer) => writer.seal([await test.sign()], { rebase: true })));
    expect(new Set(sealed.map(({ height }) => height))).toEqual(new Set([0, 1, 2, 3]));
    expect((await test.open()).report).toMatchObject({ anchor: 'matched', totalDockets: 4, ranges: [] });
    const record = await test.sign();
    await writers[0]?.refresh();
    await writers[0]?.seal([record]);
    const again = writers[1]?.seal([record], { rebase: true });
    await expect(again).rejects.toMatchObject({ code: 'DUPLICATE_TRANSACTION' });
  });

  it('seal a transaction once that both were given', async () => {
    const test = await createTestRegister();
    const [first, second] = [await test.open(), await test.open()];
    const record = await test.sign();
    await first.seal([record]);
    test.clock.advance(1);
    await expect(second.seal([record])).rejects.toMatchObject({ code: 'SEQUENCE_CONFLICT' });
    await expect(second.seal([record])).rejects.toMatchObject({ code: 'DUPLICATE_TRANSACTION' });
  });

  it('agree on a docket that both seal with the same bytes', async () => {
    const test = await createTestRegister();
    const [first, second] = [await test.open(), await test.open()];
    const record = await test.sign();
    const sealed = await first.seal([record]);
    expect(await second.seal([record])).toEqual(sealed);
    expect((await test.open()).report).toMatchObject({ anchor: 'matched', totalDockets: 1 });
  });

  it('agree when one takes over what the other stored and did not anchor yet', async () => {
    const test = await createTestRegister({ sealed: 2 });
    const anchors = createFaultyAnchorStore(test.anchors);
    const writer = await test.open({ anchors: anchors.store });
    anchors.before('advance', async () => {
      expect((await test.open()).report).toMatchObject({ anchor: 'extended', totalDockets: 3 });
    });
    expect((await writer.seal([await test.sign()])).height).toBe(2);
    expect(writer).toMatchObject({ size: 3, state: 'Healthy' });
    expect((await writer.seal([await test.sign()])).height).toBe(3);
  });

  it('agree when the head moves while a start takes over what a crash left', async () => {
    const test = await createTestRegister({ sealed: 2 });
    await test.crash(2, 'stored');
    const anchors = createFaultyAnchorStore(test.anchors);
    anchors.before('advance', async () => {
      const quicker = await test.open();
      await quicker.seal([await test.sign()]);
    });
    const register = await test.open({ anchors: anchors.store });
    expect(register).toMatchObject({ size: 4, state: 'Healthy' });
    expect(register.report.anchor).toBe('matched');
  });
});
