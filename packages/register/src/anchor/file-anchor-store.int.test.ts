import { execFile } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sha256Hex } from '../docket/sha256.ts';
import { createSigningKey } from '../docket/signing-key.ts';
import { createCheckpoint } from './checkpoint.ts';
import { openFileAnchorStore } from './file-anchor-store.ts';

const NOBODY = 65_534;
const key = await createSigningKey('ed25519');
const hashOf = (height: number) => sha256Hex(Buffer.from(`docket ${height}`));
const noteOf = (size: number) => createCheckpoint('node/r', { size, root: new Uint8Array(32) }, key);
const name = (kind: string, number: number) => `${kind}-${String(number).padStart(16, '0')}`;
const ANNOUNCED = `${name('announced', 1)}-00000000-0000-4000-8000-000000000000`;
const CONFLICT = { code: 'ANCHOR_CONFLICT' };

function step(from: number, to: number) {
  const hashes = Array.from({ length: to - from }, (_, index) => hashOf(from + index));
  return { expected: from === 0 ? undefined : noteOf(from), note: noteOf(to), size: to, firstHeight: from, hashes };
}

/** A store whose register `r` has a head over one docket, and an announcement of the next. */
async function prepare() {
  const root = await createTemporaryFolder(onTestFinished);
  const store = openFileAnchorStore({ folder: root });
  await store.advance('r', step(0, 1));
  const folder = join(root, 'r');
  await writeFile(join(folder, ANNOUNCED), `1 ${hashOf(1)}\n`);
  return { root, folder, store };
}

describe('a head in files, after a crash', () => {
  it('does not count an announcement that was torn, wherever it was torn', async () => {
    const { folder, store } = await prepare();
    const line = `1 ${hashOf(1)}`;
    for (let length = 0; length < line.length; length++) {
      await writeFile(join(folder, ANNOUNCED), line.slice(0, length));
      expect((await store.read('r')).announced).toEqual([]);
    }
    await writeFile(join(folder, ANNOUNCED), `${line}\n2 ${hashOf(2).slice(0, 20)}`);
    expect((await store.read('r')).announced).toEqual([{ height: 1, hash: hashOf(1) }]);
  });

  it('does not count hashes that were written without their head, whole or torn', async () => {
    const { folder, store } = await prepare();
    const kept = await readFile(join(folder, 'hashes'));
    for (const length of [0, 1, 31, 32]) {
      const torn = Buffer.concat([kept, Buffer.from(hashOf(1), 'hex').subarray(0, length)]);
      await writeFile(join(folder, 'hashes'), torn);
      const state = await store.read('r');
      expect(state.note).toBe(noteOf(1));
      expect(Buffer.from(state.hashes).equals(kept)).toBe(true);
    }
    await store.advance('r', step(1, 2));
    expect((await store.read('r')).note).toBe(noteOf(2));
  });

  it('does not count a head that was not linked into place, goes on past it and removes it', async () => {
    const { folder, store } = await prepare();
    const unlinked = `.${name('head', 2)}-00000000-0000-4000-8000-000000000000`;
    await writeFile(join(folder, unlinked), noteOf(9));
    expect((await store.read('r')).note).toBe(noteOf(1));
    await store.advance('r', step(1, 2));
    expect((await store.read('r')).note).toBe(noteOf(2));
    expect((await readdir(folder)).sort()).toEqual(['hashes', name('head', 1), name('head', 2)]);
  });

  it('leaves the head alone that another writer is about to link as the next', async () => {
    const { folder, store } = await prepare();
    const unlinked = `.${name('head', 3)}-00000000-0000-4000-8000-000000000000`;
    await writeFile(join(folder, unlinked), noteOf(3));
    await store.advance('r', step(1, 2));
    expect(await readdir(folder)).toContain(unlinked);
    await store.advance('r', step(2, 3));
    expect(await readdir(folder)).not.toContain(unlinked);
  });

  it('counts a head that was linked, although nothing was tidied after it', async () => {
    const { folder, store } = await prepare();
    await writeFile(join(folder, 'hashes'), Buffer.from(hashOf(0) + hashOf(1), 'hex'));
    await writeFile(join(folder, name('head', 2)), noteOf(2));
    expect(await store.read('r')).toMatchObject({ note: noteOf(2), announced: [] });
    await store.advance('r', step(2, 3));
    expect(await readdir(folder)).not.toContain(ANNOUNCED);
  });

  it('keeps the last two heads and no covered announcement', async () => {
    const { folder, store } = await prepare();
    for (let size = 1; size < 12; size++) {
      await store.announce('r', size, [hashOf(size)]);
      await store.advance('r', step(size, size + 1));
    }
    expect((await readdir(folder)).sort()).toEqual(['hashes', name('head', 11), name('head', 12)]);
  });
});

describe('a head in files', () => {
  it('is not disturbed by files that are none of its own', async () => {
    const { folder, store } = await prepare();
    const before = await store.read('r');
    for (const stray of ['head', 'head-9', 'head-999999999999999x', '.DS_Store', 'announced', 'announced-1', 'x~']) {
      await writeFile(join(folder, stray), `1 ${hashOf(5)}\n`);
    }
    expect(await store.read('r')).toEqual(before);
    await store.advance('r', step(1, 2));
    expect(await readdir(folder)).toContain('head-9');
  });

  it('is given as it is when someone edited it, so that its signature is found bad', async () => {
    const { folder, store } = await prepare();
    for (const text of ['', 'nonsense', noteOf(1).replace('\n1\n', '\n7\n')]) {
      await writeFile(join(folder, name('head', 1)), text);
      expect(await store.read('r')).toMatchObject({ note: text, notePlace: join(folder, name('head', 1)) });
      await expect(store.advance('r', step(1, 2))).rejects.toMatchObject(CONFLICT);
    }
  });

  it('refuses a writer that slept while its number was tidied away', async () => {
    const { folder, store } = await prepare();
    const advancing = store.advance('r', step(1, 2));
    // It has read the first head by the time its own is written; meanwhile others move on by four.
    while (!readdirSync(folder).some((file) => file.startsWith('.head-'))) {
      await setImmediate();
    }
    writeFileSync(join(folder, name('head', 5)), noteOf(5));
    await expect(advancing).rejects.toMatchObject(CONFLICT);
    expect((await store.read('r')).note).toBe(noteOf(5));
  });

  it('refuses a writer whose head was removed because another one took its number', async () => {
    const { folder, store } = await prepare();
    const advancing = store.advance('r', step(1, 3));
    const findUnlinked = () => readdirSync(folder).find((file) => file.startsWith('.head-'));
    let unlinked = findUnlinked();
    while (unlinked === undefined) {
      await setImmediate();
      unlinked = findUnlinked();
    }
    rmSync(join(folder, unlinked), { force: true });
    writeFileSync(join(folder, name('head', 2)), noteOf(2));
    await expect(advancing).rejects.toMatchObject(CONFLICT);
    expect((await store.read('r')).note).toBe(noteOf(2));
  });

  it('is read after the announcements, so that one which is covered meanwhile is not lost', async () => {
    const { folder, store } = await prepare();
    for (let round = 0; round < 600; round += 1) {
      const reading = store.read('r');
      for (let turns = round % 30; turns > 0; turns -= 1) {
        await setImmediate();
      }
      // As a writer leaves it: the head first, and then the announcement that it covers goes.
      writeFileSync(join(folder, name('head', 2)), noteOf(2));
      rmSync(join(folder, ANNOUNCED));
      const { note, announced } = await reading;
      expect([note === noteOf(2), announced], `round ${round}`).not.toEqual([false, []]);
      writeFileSync(join(folder, ANNOUNCED), `1 ${hashOf(1)}\n`);
      rmSync(join(folder, name('head', 2)));
    }
  });

  it.each([name('head', 2), name('head', 1), 'hashes', ANNOUNCED])(
    'does not wait at a pipe in the place of a file: %s',
    async (place) => {
      const { folder, store } = await prepare();
      await rm(join(folder, place), { force: true });
      await promisify(execFile)('mkfifo', [join(folder, place)]);
      const named = expect.stringContaining(place) as unknown;
      await expect(store.read('r')).rejects.toMatchObject({ code: 'UNAVAILABLE', message: named });
      if (place !== ANNOUNCED) {
        await expect(store.advance('r', step(1, 2))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      }
    },
  );

  it.each([undefined, {}, { folder: '' }, { folder: 7 }])('needs the path of a folder, not %j', (options) => {
    expect((): unknown => Reflect.apply(openFileAnchorStore, undefined, [options])).toThrow(
      expect.objectContaining({ code: 'INVALID' }),
    );
  });

  it('does not wait for a head that is listed and never there', async () => {
    const { folder, store } = await prepare();
    await symlink(join(folder, 'nowhere'), join(folder, name('head', 2)));
    await expect(store.read('r')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it.each(['../r', 'a/b', '', '.', 'R', 'a\0b'])('refuses the register id %j', async (registerId) => {
    const { store } = await prepare();
    await expect(store.read(registerId)).rejects.toMatchObject({ code: 'INVALID' });
    await expect(store.announce(registerId, 0, [hashOf(0)])).rejects.toMatchObject({ code: 'INVALID' });
    await expect(store.advance(registerId, step(0, 1))).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('can be read in a read-only folder, and says what to do about a write', async () => {
    const { root, folder, store } = await prepare();
    await chmod(root, 0o755);
    await chmod(folder, 0o555);
    const isSuperuser = process.geteuid?.() === 0;
    if (isSuperuser) process.seteuid?.(NOBODY);
    try {
      expect((await store.read('r')).note).toBe(noteOf(1));
      const refusal = { code: 'UNAVAILABLE', message: /can be written/ };
      await expect(store.announce('r', 1, [hashOf(1)])).rejects.toMatchObject(refusal);
      await expect(store.advance('r', step(1, 2))).rejects.toMatchObject(refusal);
      await expect(store.announce('new', 0, [hashOf(0)])).rejects.toMatchObject(refusal);
    } finally {
      if (isSuperuser) process.seteuid?.(0);
      await chmod(folder, 0o755);
    }
    expect((await readdir(folder)).sort()).toEqual([ANNOUNCED, 'hashes', name('head', 1)].sort());
  });

  it('is unavailable where its folder is something else', async () => {
    const root = await createTemporaryFolder(onTestFinished);
    await writeFile(join(root, 'r'), '');
    await symlink(join(root, 'loop'), join(root, 'loop'));
    const store = openFileAnchorStore({ folder: root });
    await expect(store.read('r')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.announce('r', 0, [hashOf(0)])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.read('loop')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await mkdir(join(root, 'dir', 'hashes'), { recursive: true });
    await expect(store.advance('dir', step(0, 1))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await readdir(join(root, 'dir'))).toEqual(['hashes']);
  });

  it('creates the folders that it needs', async () => {
    const root = await createTemporaryFolder(onTestFinished);
    const store = openFileAnchorStore({ folder: join(root, 'a', 'b') });
    await store.announce('r', 0, [hashOf(0)]);
    expect(await readdir(join(root, 'a', 'b'))).toEqual(['r']);
  });
});
