import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineWorm } from '../schema/define-worm.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryWormStore, type MemoryWormRecords } from './memory-worm-store.ts';

const definition = defineWorm({ name: 'note', schema: z.object({ n: z.number() }) });

describe('memory write-once store', () => {
  it('seals records with the time of its clock', async () => {
    const clock = createManualClock();
    const store = createMemoryWormStore({ definition, clock });
    clock.advance(5);
    const [first, second] = await store.appendBatch('a', 0, [{ n: 0 }, { n: 1 }]);
    expect([first?.sealedAt, second?.sealedAt]).toEqual([clock.now(), clock.now()]);
  });

  it('shares the records that are handed in, and what a test does to them', async () => {
    const records: MemoryWormRecords = new Map();
    const one = createMemoryWormStore({ definition, records });
    const two = createMemoryWormStore({ definition, records });
    await one.appendBatch('a', 0, [{ n: 0 }, { n: 1 }, { n: 2 }]);
    records.get('a')?.delete(2);
    expect(await two.height('a')).toBe(1);
    await two.append('a', 2, { n: 9 });
    expect(await one.find('a', { n: 9 })).toHaveLength(1);
    const plain: MemoryWormRecords = new Map([['a', new Map(records.get('a'))]]);
    expect(await createMemoryWormStore({ definition, records: plain }).append('a', 3, { n: 3 })).toMatchObject({
      sequence: 3,
    });
  });

  it('reads over a hole of any width', async () => {
    const records: MemoryWormRecords = new Map();
    const store = createMemoryWormStore({ definition, records });
    const stored = await store.append('a', 0, { n: 0 });
    records.get('a')?.set(2 ** 50, { ...stored, sequence: 2 ** 50 });
    const read = await Array.fromAsync(store.range('a', 0, Number.MAX_SAFE_INTEGER));
    expect(read.map(({ sequence }) => sequence)).toEqual([0, 2 ** 50]);
    await expect(store.verifyIntegrity('a')).rejects.toMatchObject({ code: 'INVALID' });
    expect(await store.verifyIntegrity('a', { from: 2 ** 50 - 2 })).toEqual({
      checked: 1,
      damaged: [2 ** 50],
      missing: [2 ** 50 - 2, 2 ** 50 - 1],
    });
  });
});
