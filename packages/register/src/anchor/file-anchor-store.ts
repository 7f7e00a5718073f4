import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { quote } from '../docket/parsed.ts';
import { RegisterError } from '../docket/register-error.ts';
import { isRegisterId } from '../docket/register-id.ts';
import { isSha256Hex, toHashBytes } from '../docket/sha256.ts';
import type { AnchorState, AnchorStore, Announcement } from './anchor-store.ts';
import { isSystemError, readIfPresent, syncFolder, withFileErrors, writeDurably } from './durable-file.ts';

const HASH_BYTES = 32;
const HEAD = /^head-(\d{16})$/;
const KEPT_HEADS = 2;

/**
 * Keeps heads in a folder of files, one folder per register:
 *
 * - `head-<size, 16 digits>`: the signed head as text; the highest is the newest. A head is linked into place, which fails when one of that
 *   size exists: that is the compare-and-swap.
 * - `hashes`: 32 bytes per docket at 32 x height; what lies beyond the head does not count.
 * - `announced`: one line `<height> <hash>` per announcement; a torn last line does not count.
 *
 * Order of writes: hashes before the head that covers them, announcements removed after it; every file is synced before
 * the next step. So a crash leaves the old or the new head with all that belongs to it.
 */
export function openFileAnchorStore(options: { readonly folder: string }): AnchorStore {
  const folderOf = (registerId: string): string => {
    if (!isRegisterId(registerId)) {
      throw new RegisterError('INVALID', `${quote(registerId)} is not a register id.`);
    }
    return join(options.folder, registerId);
  };
  const run = async <T>(registerId: string, work: (folder: string) => Promise<T>): Promise<T> => {
    const folder = folderOf(registerId);
    return withFileErrors(folder, () => work(folder));
  };
  return {
    read: (registerId) => run(registerId, readState),
    announce: (registerId, firstHeight, hashes) =>
      run(registerId, async (folder) => {
        await createFolder(options.folder, folder);
        const lines = hashes.map((hash, index) => `${firstHeight + index} ${hash}\n`);
        // The leading line feed ends a line that an earlier crash tore.
        await writeDurably(join(folder, 'announced'), Buffer.from(`\n${lines.join('')}`), 'append');
        await syncFolder(folder);
      }),
    advance: (registerId, step) =>
      run(registerId, async (folder) => {
        const { note, size } = await readHead(folder);
        if (note !== step.expected || step.size <= size) {
          throw conflict(registerId);
        }
        await createFolder(options.folder, folder);
        const bytes = Buffer.concat(step.hashes.map(toHashBytes));
        await writeDurably(join(folder, 'hashes'), bytes, { position: step.firstHeight * HASH_BYTES });
        const temporary = join(folder, `.head-${randomUUID()}`);
        await writeDurably(temporary, Buffer.from(step.note), 'replace');
        try {
          await link(temporary, join(folder, headName(step.size)));
        } catch (error) {
          throw isSystemError(error, 'EEXIST') ? conflict(registerId) : error;
        } finally {
          await rm(temporary, { force: true });
        }
        await syncFolder(folder);
        await tidy(folder, step.size);
      }),
  };
}

async function createFolder(parent: string, folder: string): Promise<void> {
  if ((await mkdir(folder, { recursive: true })) !== undefined) {
    await syncFolder(parent);
  }
}

async function readState(folder: string): Promise<AnchorState> {
  const head = await readHead(folder);
  const hashes = await readIfPresent(join(folder, 'hashes'));
  const announced = parseAnnouncements((await readIfPresent(join(folder, 'announced'))).toString('latin1'));
  return {
    note: head.note,
    hashes: hashes.subarray(0, head.size * HASH_BYTES),
    announced: announced.filter(({ height }) => height >= head.size),
  };
}

async function readHead(folder: string): Promise<{ note: string | undefined; size: number }> {
  const sizes = await listHeads(folder);
  const size = sizes.at(-1);
  return size === undefined
    ? { note: undefined, size: 0 }
    : { note: await readFile(join(folder, headName(size)), 'utf8'), size };
}

/** The sizes of the heads that are kept, ascending. */
async function listHeads(folder: string): Promise<number[]> {
  try {
    const names = await readdir(folder);
    return names
      .flatMap((name) => HEAD.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) {
      return [];
    }
    throw error;
  }
}

/** Removes what a newer head made superfluous. A crash in between leaves more than is needed, never less. */
async function tidy(folder: string, size: number): Promise<void> {
  const path = join(folder, 'announced');
  const left = parseAnnouncements((await readIfPresent(path)).toString('latin1')).filter(
    ({ height }) => height >= size,
  );
  const temporary = join(folder, `.announced-${randomUUID()}`);
  await writeDurably(temporary, Buffer.from(left.map(({ height, hash }) => `${height} ${hash}\n`).join('')), 'replace');
  await rename(temporary, path);
  for (const old of (await listHeads(folder)).slice(0, -KEPT_HEADS)) {
    await rm(join(folder, headName(old)), { force: true });
  }
}

function parseAnnouncements(text: string): Announcement[] {
  return text.split('\n').flatMap((line) => {
    const [height, hash, ...rest] = line.split(' ');
    const isWhole = rest.length === 0 && height !== undefined && /^\d{1,15}$/.test(height) && isSha256Hex(hash);
    return isWhole ? [{ height: Number(height), hash }] : [];
  });
}

function headName(size: number): string {
  return `head-${String(size).padStart(16, '0')}`;
}

function conflict(registerId: string): RegisterError {
  return new RegisterError('ANCHOR_CONFLICT', `The head of "${registerId}" moved meanwhile; read it again.`);
}
