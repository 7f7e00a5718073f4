import { StorageError, type WormRecord, type WormStore } from '@sorcha/storage';
import { createMemoryWormStore, type MemoryWormRecords } from '@sorcha/storage/memory';
import { describe, expect, it } from 'vitest';
import { loseHeights } from '../testing/lose-heights.ts';
import { docketWorm } from './docket-definition.ts';
import { type HeightRange, readRecords } from './read-records.ts';

/** A store with records at some heights. */
async function createFilled(heights: readonly number[]): Promise<WormStore<string>> {
  const one = createMemoryWormStore({ definition: docketWorm });
  const record = await one.append('test', 0, 'text');
  const records: MemoryWormRecords = new Map([['test', new Map()]]);
  for (const height of heights) records.get('test')?.set(height, { ...record, sequence: height });
  return createMemoryWormStore({ definition: docketWorm, records });
}

/** The store without some heights, and how often it was asked. */
function createLossy(store: WormStore<string>, isLost: (height: number) => boolean) {
  let calls = 0;
  const cold = loseHeights(store, isLost, () => {
    calls += 1;
  });
  return { cold, calls: () => calls };
}

/** What is read: heights, those that cannot be read as negative ones. */
async function read(cold: WormStore<string>, range: Omit<HeightRange, 'registerId'>): Promise<number[]> {
  const found = await Array.fromAsync(readRecords(cold, { registerId: 'test', ...range }));
  return found.map((record) => ('unreadable' in record ? -record.height : record.sequence));
}

const upTo = (count: number) => Array.from({ length: count }, (_, height) => height);

describe('reading the records of a register', () => {
  it('hides nothing behind an unreadable record, however far apart they lie', async () => {
    const heights = [0, 20_000, 20_001, 2_000_000, 2_000_001, 2 ** 40, 2 ** 40 + 1];
    const lost = new Set([20_000, 2_000_000, 2 ** 40]);
    const { cold, calls } = createLossy(await createFilled(heights), (height) => lost.has(height));
    expect(await read(cold, { from: 0, to: 2 ** 40 + 1 })).toEqual([
      0,
      -20_000,
      20_001,
      -2_000_000,
      2_000_001,
      -(2 ** 40),
      2 ** 40 + 1,
    ]);
    expect(calls()).toBeLessThan(300);
  });

  it('names every lost height, at the end too, and reads all others', async () => {
    const lost = new Set([3, 4, 5, 50, 98, 99]);
    const { cold } = createLossy(await createFilled(upTo(100)), (height) => lost.has(height));
    expect(await read(cold, { from: 0, to: 99 })).toEqual(
      upTo(100).map((height) => (lost.has(height) ? -height : height)),
    );
  });

  it('looks for every known height, with at most two calls for each that is lost', async () => {
    const { cold, calls } = createLossy(await createFilled(upTo(30_000)), (height) => height < 29_999);
    const found = await read(cold, { from: 1, to: 29_999, known: 30_000 });
    expect(found).toHaveLength(29_999);
    expect([found[0], found.at(-2), found.at(-1)]).toEqual([-1, -29_998, 29_999]);
    expect(calls()).toBeLessThan(2 * 30_000);
  });

  it('ends its search above the known heights where nothing can be read any more', async () => {
    const { cold, calls } = createLossy(await createFilled(upTo(50)), (height) => height >= 40);
    const search = { from: 0, to: Number.MAX_SAFE_INTEGER - 1 };
    // The damage that begins below goes on above: it has its name already.
    expect(await read(cold, { ...search, known: 50 })).toEqual(
      upTo(50).map((height) => (height < 40 ? height : -height)),
    );
    expect(await read(cold, { ...search, known: 40 })).toEqual([...upTo(40), -40]);
    expect(await read(cold, search)).toEqual([...upTo(40), -40]);
    expect(calls()).toBeLessThan(3 * 21_000);
  });

  it('skips absent heights without a call for each', async () => {
    const { cold, calls } = createLossy(await createFilled([0, 1_000_000]), () => false);
    expect(await read(cold, { from: 0, to: 1_000_000, known: 1_000_001 })).toEqual([0, 1_000_000]);
    expect(calls()).toBe(1);
  });

  it('reads what a passing fault kept back', async () => {
    let faults = 1;
    const { cold } = createLossy(await createFilled(upTo(10)), (height) => height === 7 && faults-- > 0);
    expect(await read(cold, { from: 0, to: 9 })).toEqual(upTo(10));
  });

  it('ends although the storage repeats one record for ever', async () => {
    const store = await createFilled(upTo(8));
    const repeating: WormStore<string> = {
      ...store,
      range: async function* (stream, from) {
        for (;;) {
          const record: WormRecord | undefined = await store.get(stream, from);
          if (record !== undefined) yield record;
        }
      },
    };
    expect(await read(repeating, { from: 0, to: 7 })).toEqual(upTo(8));
  });

  it.each([Number.NaN, 1.5, -1, 8, Number.MAX_SAFE_INTEGER + 1])('does not take a record at %d', async (sequence) => {
    const store = await createFilled(upTo(8));
    const lying: WormStore<string> = {
      ...store,
      range: async function* (...args) {
        for await (const record of store.range(...args)) yield { ...record, sequence };
      },
    };
    expect(await read(lying, { from: 0, to: 7 })).toEqual([]);
  });

  it.each(['UNAVAILABLE', 'TIMEOUT'] as const)('passes on an outage with %s', async (code) => {
    const store = await createFilled(upTo(3));
    const get = () => {
      throw new StorageError(code, 'a fault');
    };
    await expect(read({ ...store, get }, { from: 1, to: 1 })).rejects.toMatchObject({ code });
    await expect(read({ ...store, range: get }, { from: 0, to: 2 })).rejects.toMatchObject({ code });
  });

  it('reads nothing of an empty range', async () => {
    expect(await read(await createFilled(upTo(3)), { from: 3, to: 2 })).toEqual([]);
  });
});
