import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMemoryReceiptStore, openFileReceiptStore, type ReceiptStore } from './receipt-store.ts';

const STORES: readonly (readonly [string, (folder: string) => ReceiptStore])[] = [
  ['in memory', () => createMemoryReceiptStore()],
  ['in files', (folder) => openFileReceiptStore({ folder: join(folder, 'receipts') })],
];

describe.each(STORES)('a receipt store %s', (_, open) => {
  it('gives back the newest receipt of each register', async () => {
    const store = open(await createTemporaryFolder(onTestFinished));
    expect(await store.read('a')).toBeUndefined();
    await store.write('a', Buffer.from('first'));
    await store.write('b', Buffer.from('other'));
    await store.write('a', Buffer.from('second'));
    expect(Buffer.from((await store.read('a')) ?? []).toString()).toBe('second');
    expect(Buffer.from((await store.read('b')) ?? []).toString()).toBe('other');
  });
});

describe('a receipt store in files', () => {
  it('leaves nothing else behind, whoever writes at the same time', async () => {
    const folder = await createTemporaryFolder(onTestFinished);
    const store = openFileReceiptStore({ folder });
    await Promise.all([1, 2, 3, 4].map(async (turn) => store.write('a', Buffer.alloc(100_000, turn))));
    expect(await readdir(folder)).toEqual(['a.receipt']);
    expect(new Set(await store.read('a')).size).toBe(1);
  });

  it('refuses what is no folder and no register id, and says where a file stands in the way', async () => {
    const none: unknown = {};
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what plain JavaScript can hand in
    expect(() => openFileReceiptStore(none as { folder: string })).toThrow(/"folder"/);
    const folder = await createTemporaryFolder(onTestFinished);
    const store = openFileReceiptStore({ folder });
    await expect(store.read('../a')).rejects.toMatchObject({ code: 'INVALID' });
    const inTheWay = openFileReceiptStore({ folder: join(folder, 'a.receipt') });
    await store.write('a', Buffer.from('x'));
    await expect(inTheWay.write('b', Buffer.from('x'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
