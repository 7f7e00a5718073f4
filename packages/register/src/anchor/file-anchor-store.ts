import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StorageError } from '@sorcha/storage';
import { quote } from '../docket/parsed.ts';
import { RegisterError } from '../docket/register-error.ts';
import { isRegisterId } from '../docket/register-id.ts';
import { isSha256Hex, toHashBytes } from '../docket/sha256.ts';
import type { AnchorAdvance, AnchorState, AnchorStore, Announcement } from './anchor-store.ts';
import { readClaimedSize } from './checkpoint.ts';
import { isSystemError, readIfPresent, readWhole, syncFolder, withFileErrors, writeDurably } from './durable-file.ts';

const HASH_BYTES = 32;
const DIGITS = 16;
const HEAD = /^head-(\d{16})$/;
const UNLINKED = /^\.head-(\d{16})-[0-9a-f-]{36}$/;
const ANNOUNCED = /^announced-(\d{16})-[0-9a-f-]{36}$/;
const KEPT_HEADS = 2;
/** So many times the newest head is looked for while others tidy it away. */
const MAX_READS = 10;

/**
 * Keeps heads in a folder of files, one folder per register. Several processes can use it at once.
 *
 * - `head-<n, 16 digits>`: the n-th signed head as text; the highest is the newest. A head is linked into place, which fails
 *   when there is an n-th one already: that is the compare-and-swap.
 * - `.head-<n, 16 digits>-<random>`: a head that is to become the n-th one. A killed writer leaves it; once there is an n-th one it
 *   can only be refused, so whoever moves the head removes it.
 * - `hashes`: 32 bytes per docket at 32 x height; what lies beyond the head does not count.
 * - `announced-<last height, 16 digits>-<random>`: one file per announcement, one line `<height> <hash>` per docket; a torn line
 *   does not count. A file of its own, so that no writer can lose what another one announces.
 *
 * Order of writes: hashes before the head that covers them, announcements removed after it; every file is synced before
 * the next step. So a crash leaves the old or the new head with all that belongs to it.
 *
 * @throws RegisterError `INVALID` when `folder` is no path.
 */
export function openFileAnchorStore(options: { readonly folder: string }): AnchorStore {
  const given: unknown = options;
  const root = typeof given === 'object' && given !== null ? options.folder : '';
  if (typeof root !== 'string' || root === '') {
    throw new RegisterError('INVALID', 'A file anchor store needs the option "folder"; hand in its path.');
  }
  const run = async <T>(registerId: string, work: (folder: string) => Promise<T>): Promise<T> => {
    if (!isRegisterId(registerId)) {
      throw new RegisterError('INVALID', `${quote(String(registerId))} is not a register id.`);
    }
    const folder = join(root, registerId);
    return withFileErrors(folder, async () => work(folder));
  };
  return {
    read: async (registerId) => run(registerId, readState),
    announce: async (registerId, firstHeight, hashes) =>
      run(registerId, async (folder) => announce(folder, firstHeight, hashes)),
    advance: async (registerId, step) => run(registerId, async (folder) => advance(folder, registerId, step)),
  };
}

async function announce(folder: string, firstHeight: number, hashes: readonly string[]): Promise<void> {
  if (hashes.length === 0) {
    return;
  }
  await createFolder(folder);
  const lines = hashes.map((hash, index) => `${firstHeight + index} ${hash}\n`).join('');
  const name = `announced-${toDigits(firstHeight + hashes.length - 1)}-${randomUUID()}`;
  await writeDurably(join(folder, name), Buffer.from(lines), 'new');
  await syncFolder(folder);
}

async function advance(folder: string, registerId: string, step: AnchorAdvance): Promise<void> {
  const head = await readHead(folder);
  if (head.note !== step.expected || step.size <= readClaimedSize(head.note)) {
    throw conflict(registerId);
  }
  await createFolder(folder);
  const bytes = Buffer.concat(step.hashes.map(toHashBytes));
  await writeDurably(join(folder, 'hashes'), bytes, { position: step.firstHeight * HASH_BYTES });
  await linkHead(folder, head.number + 1, step.note, registerId);
  try {
    await syncFolder(folder);
  } catch (cause) {
    const advice = 'read it again to find out';
    throw new StorageError(
      'OUTCOME_UNKNOWN',
      `Whether the head of "${registerId}" is durable is not known; ${advice}.`,
      {
        cause,
      },
    );
  }
  // A writer that slept while others moved on can take a number that was tidied away long ago.
  if ((await listHeads(folder)).at(-1) !== head.number + 1) {
    throw conflict(registerId);
  }
  await tidy(folder, step.size);
}

async function linkHead(folder: string, number: number, note: string, registerId: string): Promise<void> {
  const temporary = join(folder, `.head-${toDigits(number)}-${randomUUID()}`);
  try {
    await writeDurably(temporary, Buffer.from(note), 'new');
    await linkUnlessTaken(temporary, toHeadPath(folder, number), registerId);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function linkUnlessTaken(temporary: string, head: string, registerId: string): Promise<void> {
  try {
    await link(temporary, head);
  } catch (error) {
    // Whoever was first with this number may have removed the other heads for it.
    const isTaken = isSystemError(error, 'EEXIST') || isSystemError(error, 'ENOENT');
    throw isTaken ? conflict(registerId) : error;
  }
}

/** Makes the folder of a register, and its name and that of the folder around it durable. */
async function createFolder(folder: string): Promise<void> {
  if ((await mkdir(folder, { recursive: true })) !== undefined) {
    await syncFolder(dirname(folder));
    await syncFolder(dirname(dirname(folder)));
  }
}

async function readState(folder: string): Promise<AnchorState> {
  // The announcements come first: one that is tidied away meanwhile is under the head, which is read after it.
  const announced = await readAnnouncements(folder);
  const { note, number } = await readHead(folder);
  const size = readClaimedSize(note);
  const hashes = await readIfPresent(join(folder, 'hashes'));
  return {
    note,
    ...(note === undefined ? {} : { notePlace: toHeadPath(folder, number) }),
    hashes: hashes.subarray(0, size * HASH_BYTES),
    announced: announced.filter(({ height }) => height >= size),
  };
}

async function readHead(folder: string): Promise<{ note: string | undefined; number: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const number = (await listHeads(folder)).at(-1);
    if (number === undefined) {
      return { note: undefined, number: 0 };
    }
    try {
      return { note: (await readWhole(toHeadPath(folder, number))).toString('utf8'), number };
    } catch (error) {
      // Another writer has moved on and tidied it away: there are newer ones.
      if (!isSystemError(error, 'ENOENT') || attempt === MAX_READS) {
        throw error;
      }
    }
  }
}

async function readAnnouncements(folder: string): Promise<Announcement[]> {
  const names = (await listNames(folder)).filter((name) => ANNOUNCED.test(name));
  const texts = await Promise.all(names.map(async (name) => readIfPresent(join(folder, name))));
  return texts.flatMap((text) => parseAnnouncements(text.toString('latin1')));
}

/** The numbers of the heads that are kept, ascending. */
async function listHeads(folder: string): Promise<number[]> {
  const names = await listNames(folder);
  return names
    .flatMap((name) => HEAD.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

async function listNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) {
      return [];
    }
    throw error;
  }
}

/** Removes what a newer head made superfluous. Where that fails, more is left than is needed, and the next head tries again. */
async function tidy(folder: string, size: number): Promise<void> {
  try {
    const heads = await listHeads(folder);
    const newest = heads.at(-1) ?? 0;
    const superfluous = (await listNames(folder)).filter(
      (name) =>
        Number(ANNOUNCED.exec(name)?.[1] ?? size) < size || Number(UNLINKED.exec(name)?.[1] ?? newest + 1) <= newest,
    );
    const older = heads.slice(0, -KEPT_HEADS).map((number) => `head-${toDigits(number)}`);
    await Promise.all([...older, ...superfluous].map(async (name) => rm(join(folder, name), { force: true })));
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) {
      throw error;
    }
  }
}

function parseAnnouncements(text: string): Announcement[] {
  return text.split('\n').flatMap((line) => {
    const [height, hash, ...rest] = line.split(' ');
    const isWhole = rest.length === 0 && height !== undefined && /^\d{1,15}$/.test(height) && isSha256Hex(hash);
    return isWhole ? [{ height: Number(height), hash }] : [];
  });
}

function toHeadPath(folder: string, number: number): string {
  return join(folder, `head-${toDigits(number)}`);
}

function toDigits(number: number): string {
  return String(number).padStart(DIGITS, '0');
}

function conflict(registerId: string): RegisterError {
  return new RegisterError('ANCHOR_CONFLICT', `The head of "${registerId}" moved meanwhile; read it again.`);
}
