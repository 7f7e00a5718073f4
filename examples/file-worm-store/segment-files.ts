import { link, mkdir, open, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageError, type WormRecord } from '@sorcha/storage';
import { z } from 'zod';

/** What one append wrote: some records in a row. Where somebody has taken a record away, there is `null`. */
export type Segment = readonly (WormRecord | null)[];

const ENDING = '.segment.json';

const segmentSchema = z
  .array(z.object({ base64: z.base64(), sha256: z.string(), sealedAt: z.int() }).nullable())
  .min(1)
  .max(1_000_000);

/** The first sequences of the segments of a stream, ascending. */
export async function listSegments(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((error: unknown) => unlessAbsent(error, []));
  return names
    .filter((name) => /^\d{16}\.segment\.json$/.test(name))
    .map((name) => Number(name.slice(0, -ENDING.length)))
    .sort((a, b) => a - b);
}

/** Reads a segment. `CORRUPTED` when the file is none. */
export async function readSegment(folder: string, stream: string, first: number): Promise<Segment> {
  const file = toPath(folder, first);
  const text = await readFile(file, 'utf8');
  try {
    return segmentSchema.parse(JSON.parse(text)).map((stored, index) => {
      if (stored === null) {
        return null;
      }
      const { base64, sha256, sealedAt } = stored;
      return { stream, sequence: first + index, bytes: Buffer.from(base64, 'base64'), sha256, sealedAt };
    });
  } catch (cause) {
    throw new StorageError('CORRUPTED', `"${file}" is no segment; restore it from a copy.`, { cause });
  }
}

/** The text of a segment. */
export function toSegmentText(segment: Segment): string {
  return JSON.stringify(
    segment.map((record) =>
      record === null
        ? null
        : { base64: Buffer.from(record.bytes).toString('base64'), sha256: record.sha256, sealedAt: record.sealedAt },
    ),
  );
}

/** The file of a segment. */
export function toPath(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(16, '0')}${ENDING}`);
}

/**
 * Writes a segment, all of it or nothing, and makes it durable. A link can be made only once, so of two writers that
 * continue a stream at the same place one wins and the other hears `SEQUENCE_CONFLICT`.
 */
export async function writeSegment(folder: string, segment: Segment, first: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const draft = join(folder, `draft-${process.pid}-${crypto.randomUUID()}`);
  try {
    await writeDurably(draft, toSegmentText(segment));
    await link(draft, toPath(folder, first));
    await syncFolder(folder);
  } catch (error) {
    if (isCode(error, 'EEXIST')) {
      const message = `Somebody else has continued the stream at ${first}; read its height again.`;
      throw new StorageError('SEQUENCE_CONFLICT', message, { cause: error });
    }
    throw new StorageError('UNAVAILABLE', `Nothing could be written to "${folder}".`, { cause: error });
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o444);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Passes on what stands for an absent folder, and throws anything else. */
export function unlessAbsent<T>(error: unknown, fallback: T): T {
  if (isCode(error, 'ENOENT')) {
    return fallback;
  }
  throw error;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
