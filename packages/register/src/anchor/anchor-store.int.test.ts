import { createMemoryDocumentStore } from '@sorcha/storage/memory';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sha256Hex } from '../docket/sha256.ts';
import { createSigningKey } from '../docket/signing-key.ts';
import { anchorAnnouncements, anchorHashes, anchorHeads } from './anchor-documents.ts';
import type { AnchorStore } from './anchor-store.ts';
import { createCheckpoint } from './checkpoint.ts';
import { createDocumentAnchorStore } from './document-anchor-store.ts';
import { openFileAnchorStore } from './file-anchor-store.ts';
import { createMemoryAnchorStore } from './memory-anchor-store.ts';

const key = await createSigningKey('ed25519');
const hashOf = (height: number) => sha256Hex(Buffer.from(`docket ${height}`));
const hashes = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => hashOf(from + index));
const noteOf = (size: number) => createCheckpoint('node/r', { size, root: new Uint8Array(32) }, key);
const toBytes = (list: readonly string[]) => Uint8Array.from(Buffer.from(list.join(''), 'hex'));
const CONFLICT = { code: 'ANCHOR_CONFLICT' };

/** A step that writes only the hashes from the old size on. */
function step(from: number, to: number, expected = from === 0 ? undefined : noteOf(from)) {
  return { expected, note: noteOf(to), size: to, firstHeight: from, hashes: hashes(from, to) };
}

const STORES: readonly (readonly [string, () => Promise<AnchorStore>])[] = [
  ['in memory', async () => createMemoryAnchorStore()],
  [
    'in documents',
    async () =>
      createDocumentAnchorStore({
        heads: createMemoryDocumentStore({ definition: anchorHeads }),
        hashes: createMemoryDocumentStore({ definition: anchorHashes }),
        announcements: createMemoryDocumentStore({ definition: anchorAnnouncements }),
      }),
  ],
  ['in files', async () => openFileAnchorStore({ folder: await createTemporaryFolder(onTestFinished) })],
];

describe.each(STORES)('an anchor store %s', (_, open) => {
  it('knows nothing of a register that was never sealed', async () => {
    const store = await open();
    const { note, hashes: kept, announced } = await store.read('r');
    expect({ note, length: kept.length, announced }).toEqual({ note: undefined, length: 0, announced: [] });
  });

  it('keeps announcements until a head covers them', async () => {
    const store = await open();
    await store.announce('r', 0, hashes(0, 2));
    await store.announce('r', 1, [hashOf(9)]);
    await store.announce('r', 0, hashes(0, 1));
    await store.announce('r', 5, []);
    const { announced } = await store.read('r');
    expect(announced.toSorted((a, b) => a.height - b.height).map(({ height }) => height)).toEqual([0, 0, 1, 1]);
    expect(announced).toContainEqual({ height: 1, hash: hashOf(9) });
    await store.advance('r', step(0, 1));
    expect((await store.read('r')).announced.map(({ height }) => height)).toEqual([1, 1]);
    await store.advance('r', step(1, 2));
    expect((await store.read('r')).announced).toEqual([]);
  });

  it('moves the head forward with its hashes', async () => {
    const store = await open();
    await store.advance('r', step(0, 3));
    await store.advance('r', step(3, 4));
    const state = await store.read('r');
    expect(state.note).toBe(noteOf(4));
    expect(Uint8Array.from(state.hashes)).toEqual(toBytes(hashes(0, 4)));
  });

  it('takes hashes again from any height below', async () => {
    const store = await open();
    await store.advance('r', { ...step(0, 3), hashes: [hashOf(7), hashOf(8), hashOf(9)] });
    await store.advance('r', { ...step(0, 4), expected: noteOf(3) });
    expect(Uint8Array.from((await store.read('r')).hashes)).toEqual(toBytes(hashes(0, 4)));
  });

  it('refuses a step that does not start from the newest head, and changes nothing', async () => {
    const store = await open();
    await store.advance('r', step(0, 2));
    await store.advance('r', step(2, 3));
    const before = await store.read('r');
    for (const stale of [step(0, 4, undefined), step(2, 4), { ...step(3, 4), expected: noteOf(99) }]) {
      await expect(store.advance('r', stale)).rejects.toMatchObject(CONFLICT);
    }
    expect(await store.read('r')).toEqual(before);
  });

  it('never moves the head backwards or in place', async () => {
    const store = await open();
    await store.advance('r', step(0, 3));
    for (const size of [1, 2, 3]) {
      const back = { ...step(0, size), expected: noteOf(3) };
      await expect(store.advance('r', back)).rejects.toMatchObject(CONFLICT);
    }
    expect((await store.read('r')).note).toBe(noteOf(3));
  });

  it('lets one of many writers win, also when their steps differ in size', async () => {
    const store = await open();
    await store.advance('r', step(0, 1));
    const outcomes = await Promise.allSettled([2, 3, 4, 5, 6].map(async (size) => store.advance('r', step(1, size))));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(CONFLICT);
    }
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled') + 2;
    expect((await store.read('r')).note).toBe(noteOf(winner));
  });

  it('loses no announcement to the steps of another writer', async () => {
    const store = await open();
    await store.advance('r', step(0, 1));
    const rounds = 20;
    const announcing = Array.from({ length: rounds }, async (__, index) => store.announce('r', 100, [hashOf(index)]));
    for (let size = 1; size < rounds; size++) {
      await store.advance('r', step(size, size + 1));
    }
    await Promise.all(announcing);
    const { announced } = await store.read('r');
    expect(announced.map(({ hash }) => hash).sort()).toEqual(hashes(0, rounds).sort());
  });

  it('keeps registers apart', async () => {
    const store = await open();
    await store.announce('a', 0, [hashOf(0)]);
    await store.advance('b', step(0, 1));
    expect(await store.read('a')).toMatchObject({ note: undefined, announced: [{ height: 0, hash: hashOf(0) }] });
    expect(await store.read('b')).toMatchObject({ note: noteOf(1), announced: [] });
  });
});
