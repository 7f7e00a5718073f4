import type { WormStore } from '@sorcha/storage';
import { describe, expect, it } from 'vitest';
import { createTestRegister } from '../testing/create-test-register.ts';
import { createPayloadCache } from './payload-cache.ts';

/** Counts what is asked of cold storage. */
function count(cold: WormStore<string>) {
  const counts = { gets: 0 };
  const counted: WormStore<string> = {
    ...cold,
    get: async (...call) => {
      counts.gets += 1;
      return cold.get(...call);
    },
  };
  return { cold: counted, counts };
}

describe('the payload cache', () => {
  it('answers a second read without cold storage, within its bound', async () => {
    const test = await createTestRegister({ sealed: 6 });
    const { cold, counts } = count(test.cold);
    const bytes = test.dockets.slice(0, 3).reduce((sum, { record }) => sum + record.length, 0);
    const register = await test.open({ cold, cacheBytes: bytes + 10 });
    for (const height of [0, 1, 2, 0, 1, 2]) {
      expect((await register.docket(height))?.hash).toBe(test.dockets[height]?.hash);
    }
    expect(counts.gets).toBe(3);
    await register.docket(3);
    await register.docket(0);
    expect(counts.gets).toBe(5);
  });

  it('keeps nothing when it may not', async () => {
    const test = await createTestRegister({ sealed: 2 });
    const { cold, counts } = count(test.cold);
    const register = await test.open({ cold, cacheBytes: 0 });
    await register.docket(1);
    await register.docket(1);
    expect(counts.gets).toBe(2);
    await expect(test.open({ cacheBytes: -1 })).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('is not changed by who changes what it was given', async () => {
    const test = await createTestRegister({ sealed: 2 });
    const register = await test.open();
    (await register.docket(1))?.record.fill(0);
    const again = await register.docket(1);
    again?.record.fill(1);
    expect((await register.docket(1))?.record).toEqual(new Uint8Array(test.dockets[1]?.record ?? []));
  });

  it('serves no height that was found damaged since', async () => {
    const test = await createTestRegister({ sealed: 4 });
    const register = await test.open();
    await register.docket(2);
    await test.damage.remove('test', 2);
    // A search reads cold storage again.
    await register.transactions({});
    expect(register.state).toBe('Degraded');
    await expect(register.docket(2)).rejects.toMatchObject({ code: 'CORRUPTED' });
  });

  it('forgets what it is told to', () => {
    const cache = createPayloadCache(100);
    cache.put(1, new Uint8Array(10));
    cache.drop(1);
    expect(cache.get(1)).toBeUndefined();
    cache.put(2, new Uint8Array(101));
    expect(cache.get(2)).toBeUndefined();
  });
});
