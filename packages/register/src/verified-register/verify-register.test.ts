import { StorageError } from '@sorcha/storage';
import { createMemoryWormStore } from '@sorcha/storage/memory';
import { describe, expect, it } from 'vitest';
import { toTrustedNode } from '../anchor/node-identity.ts';
import { createFaultyAnchorStore } from '../testing/create-faulty-anchor-store.ts';
import { createTestRegister } from '../testing/create-test-register.ts';
import { loseHeights } from '../testing/lose-heights.ts';
import { docketWorm } from './docket-definition.ts';
import { openVerifiedRegister } from './open-verified-register.ts';
import { verifyRegister } from './verify-register.ts';

describe('verifyRegister', () => {
  it('finds the same and writes nothing', async () => {
    const test = await createTestRegister({ sealed: 3 });
    await test.crash(3, 'stored');
    const before = await test.anchors.read('test');
    const { registerId, cold, anchors, node, clock } = test;
    const verification = await verifyRegister({ registerId, cold, anchors, node: toTrustedNode(node), clock });
    expect(verification).toMatchObject({ anchor: 'extended', verifiedDockets: 4, head: { size: 3 }, ranges: [] });
    expect(await test.anchors.read('test')).toEqual(before);
  });

  it.each(['cold', 'anchors', 'node'])('is INVALID without %s, and so is opening', async (missing) => {
    const { registerId, cold, anchors, node } = await createTestRegister();
    const said = { code: 'INVALID', message: expect.stringContaining(`"${missing}"`) as unknown };
    for (const absent of [undefined, null, 'x']) {
      const options = { registerId, cold, anchors, node, [missing]: absent };
      await expect(Reflect.apply(verifyRegister, undefined, [options])).rejects.toMatchObject(said);
      await expect(Reflect.apply(openVerifiedRegister, undefined, [options])).rejects.toMatchObject(said);
    }
  });

  it('does not take what others seal meanwhile for forgeries', async () => {
    const test = await createTestRegister({ dockets: 40, sealed: 20 });
    const writer = await test.open();
    const { registerId, cold, node } = test;
    const faulty = createFaultyAnchorStore(test.anchors);
    let next = 20;
    const onProgress = () => {
      const docket = test.dockets[next];
      next += 1;
      if (docket !== undefined) void writer.append([docket.record]);
    };
    // The last one is sealed between the reading of the records and that of the head.
    faulty.before('read', async () => undefined);
    faulty.before('read', async () => {
      await writer.append([test.dockets[next]?.record ?? new Uint8Array()]);
    });
    const trusted = toTrustedNode(node);
    const options = { registerId, cold, anchors: faulty.store, node: trusted, batchDockets: 5, onProgress };
    const verification = await verifyRegister(options);
    expect(verification).toMatchObject({ anchor: 'matched', ranges: [] });
    expect(verification.verifiedDockets).toBe(writer.size);
    expect(writer.size).toBeGreaterThan(21);
  });

  it('follows no storage that repeats records or leaves the range', async () => {
    const test = await createTestRegister({ sealed: 4 });
    const { registerId, anchors, node } = test;
    const cold = createMemoryWormStore({ definition: docketWorm, records: test.records });
    const unruly = {
      ...cold,
      range: async function* (stream: string, from: number, to: number) {
        for await (const record of cold.range(stream, from, to)) {
          yield record;
          yield record;
          yield { ...record, sequence: record.sequence - 1 };
          yield { ...record, sequence: to + 5 };
        }
      },
    };
    const options = { registerId, cold: unruly, anchors, node: toTrustedNode(node) };
    expect(await verifyRegister(options)).toMatchObject({ anchor: 'matched', verifiedDockets: 4 });
  });

  it('names a record that the storage cannot give back, and reads the others', async () => {
    const test = await createTestRegister({ sealed: 5 });
    const { registerId, anchors, node } = test;
    const cold = loseHeights(test.cold, (height) => height === 2);
    const verification = await verifyRegister({ registerId, cold, anchors, node: toTrustedNode(node) });
    expect(verification.ranges).toMatchObject([{ from: 2, to: 2, kind: 'MalformedData' }]);
    expect(verification.verifiedDockets).toBe(4);
  });

  it('loses no more than the last page of the storage, without which nobody knows the height or the count', async () => {
    const test = await createTestRegister({ dockets: 8, sealed: 8 });
    const { registerId, anchors, node } = test;
    const lost = async () => {
      throw new StorageError('CORRUPTED', 'a broken page');
    };
    const cold = { ...loseHeights(test.cold, (height) => height >= 6), height: lost, count: lost };
    const totals: number[] = [];
    const onProgress = ({ total }: { readonly total: number }) => totals.push(total);
    const verification = await verifyRegister({ registerId, cold, anchors, node: toTrustedNode(node), onProgress });
    expect(verification).toMatchObject({ anchor: 'damaged', verifiedDockets: 6, judgement: { size: 8 } });
    expect(verification.ranges).toMatchObject([{ from: 6, to: 7, kind: 'MalformedData' }]);
    expect(totals).toEqual([8]);
    const register = await test.open({ cold });
    expect(register.state).toBe('Degraded');
    expect((await register.docket(5))?.hash).toBe(test.dockets[5]?.hash);
    await expect(register.docket(6)).rejects.toMatchObject({ code: 'CORRUPTED' });
  });

  it('does not prove a register whose height alone cannot be read', async () => {
    const test = await createTestRegister({ sealed: 5 });
    const { registerId, anchors, node } = test;
    const height = async () => {
      throw new StorageError('CORRUPTED', 'a height beyond all numbers');
    };
    const cold = { ...test.cold, height };
    const verification = await verifyRegister({ registerId, cold, anchors, node: toTrustedNode(node) });
    const beyond = Number.MAX_SAFE_INTEGER;
    expect(verification.ranges).toMatchObject([{ from: beyond, to: beyond, kind: 'MalformedData' }]);
    expect(verification.verifiedDockets).toBe(5);
  });

  it('is sound although the count, which only the progress shows, cannot be read', async () => {
    const test = await createTestRegister({ sealed: 5 });
    const count = async () => {
      throw new StorageError('CORRUPTED', 'a broken page');
    };
    const register = await test.open({ cold: { ...test.cold, count } });
    expect(register).toMatchObject({ state: 'Healthy', size: 5 });
    await register.seal([await test.sign()]);
    await register.refresh();
    expect(register).toMatchObject({ state: 'Healthy', size: 6 });
  });
});
