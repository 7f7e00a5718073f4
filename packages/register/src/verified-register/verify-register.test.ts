import type { WormStore } from '@sorcha/storage';
import { createMemoryWormStore } from '@sorcha/storage/memory';
import { createFaultyWormStore } from '@sorcha/storage/testing';
import { describe, expect, it } from 'vitest';
import { toTrustedNode } from '../anchor/node-identity.ts';
import { createFaultyAnchorStore } from '../testing/create-faulty-anchor-store.ts';
import { createTestRegister } from '../testing/create-test-register.ts';
import { docketWorm } from './docket-definition.ts';
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
    const cold = createMemoryWormStore(docketWorm, { records: test.records });
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
    const { registerId, cold, anchors, node } = test;
    const faulty = createFaultyWormStore(cold);
    // The range gives two records and fails, and so does the single read of the third.
    const fault = { call: 'read', code: 'CORRUPTED' } as const;
    const failing: WormStore<string> = {
      ...faulty.store,
      range: (...args) => {
        if (args[1] === 0) faulty.plan({ ...fault, afterRecords: 2 }, fault);
        return faulty.store.range(...args);
      },
    };
    const trusted = toTrustedNode(node);
    const verification = await verifyRegister({ registerId, cold: failing, anchors, node: trusted });
    expect(verification.ranges).toMatchObject([{ from: 2, to: 2, kind: 'MalformedData' }]);
    expect(verification.verifiedDockets).toBe(4);
  });
});
