import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createMemoryWormStore } from '../memory/memory-worm-store.ts';
import { defineWorm } from '../schema/define-worm.ts';
import { createFaultyWormStore } from './create-faulty-worm-store.ts';

const definition = defineWorm({ name: 'note', schema: z.object({ n: z.number() }) });
const createFaulty = () => createFaultyWormStore(createMemoryWormStore({ definition }));

async function createFilled() {
  const faulty = createFaulty();
  await faulty.store.appendBatch('a', 0, [{ n: 0 }, { n: 1 }, { n: 2 }]);
  return faulty;
}

describe('a faulty write-once store', () => {
  it('works as the store it wraps while nothing is planned', async () => {
    const { store, pending } = await createFilled();
    expect(await store.height('a')).toBe(2);
    expect((await Array.fromAsync(store.range('a', 1, 2))).map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(await store.find('a', { n: 1 })).toEqual([await store.get('a', 1)]);
    expect([await store.count('a'), await store.exists('a', 2), await store.streams()]).toEqual([3, true, ['a']]);
    expect(await store.verifyIntegrity('a')).toMatchObject({ checked: 3 });
    expect(pending()).toBe(0);
  });

  it.each([
    [{ call: 'append', code: 'UNAVAILABLE', isWritten: false }, undefined],
    [{ call: 'append', code: 'TIMEOUT', isWritten: false }, undefined],
    [{ call: 'append', code: 'OUTCOME_UNKNOWN', isWritten: false }, undefined],
    [{ call: 'append', code: 'OUTCOME_UNKNOWN', isWritten: true }, 1],
  ] as const)('%o: the caller hears the code, and the records are there or not', async (fault, height) => {
    const { store, plan } = createFaulty();
    plan(fault);
    await expect(store.appendBatch('a', 0, [{ n: 0 }, { n: 1 }])).rejects.toMatchObject({ code: fault.code });
    expect(await store.height('a')).toBe(height);
    const next = height === undefined ? 0 : height + 1;
    expect(await store.append('a', next, { n: next })).toMatchObject({ sequence: next });
  });

  it('an append that its store refuses is refused as ever, whatever was planned', async () => {
    const { store, plan } = createFaulty();
    plan({ call: 'append', code: 'OUTCOME_UNKNOWN', isWritten: true });
    await expect(store.append('a', 5, { n: 0 })).rejects.toMatchObject({ code: 'SEQUENCE_CONFLICT' });
  });

  it('every read can fail, and appends go on', async () => {
    const { store, plan, pending } = await createFilled();
    const reads = [
      async () => store.get('a', 0),
      async () => Array.fromAsync(store.range('a', 0, 2)),
      async () => store.find('a', {}),
      async () => store.height('a'),
      async () => store.count('a'),
      async () => store.exists('a', 0),
      async () => store.streams(),
      async () => store.verifyIntegrity('a'),
    ];
    plan({ call: 'read', code: 'UNAVAILABLE', times: reads.length });
    for (const read of reads) {
      await expect(read()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    }
    expect(pending()).toBe(0);
    plan({ call: 'read', code: 'TIMEOUT' });
    await store.append('a', 3, { n: 3 });
    await expect(store.height('a')).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await store.height('a')).toBe(3);
  });

  it.each([
    [0, []],
    [2, [0, 1]],
    [3, [0, 1, 2]],
    [9, [0, 1, 2]],
  ])('a range gives %i records before it fails', async (afterRecords, given) => {
    const { store, plan } = await createFilled();
    plan({ call: 'read', code: 'UNAVAILABLE', afterRecords });
    const seen: number[] = [];
    const read = async () => {
      for await (const { sequence } of store.range('a', 0, 2)) {
        seen.push(sequence);
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(seen).toEqual(given);
  });

  it('faults meet calls in the order they were planned, until healed', async () => {
    const { store, plan, heal, pending } = await createFilled();
    plan({ call: 'read', code: 'TIMEOUT' }, { call: 'read', code: 'CORRUPTED', times: Number.POSITIVE_INFINITY });
    await expect(store.height('a')).rejects.toMatchObject({ code: 'TIMEOUT' });
    for (let call = 0; call < 3; call += 1) {
      await expect(store.height('a')).rejects.toMatchObject({ code: 'CORRUPTED' });
    }
    expect(pending()).toBe(1);
    heal();
    expect(await store.height('a')).toBe(2);
  });
});
