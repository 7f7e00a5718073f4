import { randomUUID } from 'node:crypto';
import { StorageError, type StorageErrorCode } from '@sorcha/storage';
import { quote } from '../docket/parsed.ts';
import { RegisterError } from '../docket/register-error.ts';
import { isRegisterId } from '../docket/register-id.ts';
import { toHashBytes } from '../docket/sha256.ts';
import { ANNOUNCED_PER_DOCUMENT, type AnchorDocumentStores, HASHES_PER_DOCUMENT } from './anchor-documents.ts';
import type { AnchorAdvance, AnchorState, AnchorStore, Announcement } from './anchor-store.ts';

const HASH_BYTES = 32;
/** The codes with which a document store says that somebody else was first. */
const BEATEN: ReadonlySet<StorageErrorCode> = new Set(['VERSION_CONFLICT', 'ALREADY_EXISTS', 'NOT_FOUND']);

/**
 * Keeps heads in the warm tier, on any provider of documents. The compare-and-swap is that of the head document's version.
 *
 * Order of writes: hashes before the head that covers them, announcements removed after it. So a crash leaves the old or the new head with
 * all that belongs to it. Whoever is beaten while it writes hashes is beaten for the whole step.
 */
export function createDocumentAnchorStore(stores: AnchorDocumentStores): AnchorStore {
  const checked = (registerId: string): string => {
    if (!isRegisterId(registerId)) {
      throw new RegisterError('INVALID', `${quote(String(registerId))} is not a register id.`);
    }
    return registerId;
  };
  return {
    read: async (registerId) => readState(stores, checked(registerId)),
    announce: async (registerId, firstHeight, hashes) => announce(stores, checked(registerId), { firstHeight, hashes }),
    advance: async (registerId, step) => advance(stores, checked(registerId), step),
  };
}

async function readState(
  { heads, hashes, announcements }: AnchorDocumentStores,
  registerId: string,
): Promise<AnchorState> {
  // Before the head: what is covered by the time at which that is read may be gone, and not the other way round.
  const announced = await announcements.find({ registerId });
  const head = await heads.get(registerId);
  const numbers = Array.from({ length: Math.ceil((head?.size ?? 0) / HASHES_PER_DOCUMENT) }, (_, number) => number);
  const found = await hashes.getMany(numbers.map((number) => toId(registerId, number)));
  // After a hole nothing would stand where it belongs.
  const hole = found.indexOf(undefined);
  const whole = hole === -1 ? found : found.slice(0, hole);
  const bytes = Buffer.concat(whole.map((document) => Buffer.from(document?.hashes ?? '', 'base64')));
  return {
    note: head?.note,
    notePlace: `${heads.provider}, the document "${registerId}"`,
    hashes: bytes.subarray(0, (head?.size ?? 0) * HASH_BYTES),
    announced: announced.flatMap(toAnnouncements).filter(({ height }) => height >= (head?.size ?? 0)),
  };
}

function toAnnouncements(document: {
  readonly lastHeight: number;
  readonly hashes: readonly string[];
}): Announcement[] {
  const first = document.lastHeight - document.hashes.length + 1;
  return document.hashes.map((hash, index) => ({ height: first + index, hash }));
}

async function announce(
  { announcements }: AnchorDocumentStores,
  registerId: string,
  { firstHeight, hashes }: { readonly firstHeight: number; readonly hashes: readonly string[] },
): Promise<void> {
  for (let start = 0; start < hashes.length; start += ANNOUNCED_PER_DOCUMENT) {
    const part = hashes.slice(start, start + ANNOUNCED_PER_DOCUMENT);
    await announcements.insert({
      id: randomUUID(),
      registerId,
      lastHeight: firstHeight + start + part.length - 1,
      hashes: part,
    });
  }
}

async function advance(stores: AnchorDocumentStores, registerId: string, step: AnchorAdvance): Promise<void> {
  const { heads, announcements } = stores;
  const head = await heads.get(registerId);
  if (head?.note !== step.expected || step.size <= (head?.size ?? 0)) {
    throw conflict(registerId);
  }
  const next = { registerId, note: step.note, size: step.size };
  try {
    await writeHashes(stores, registerId, step);
    await (head === undefined ? heads.insert(next) : heads.replace({ ...next, version: head.version }));
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const isBeaten = BEATEN.has(error.code);
    // The answer of either write may be lost, or that of a write which the driver sent twice.
    const now = isBeaten || error.code === 'OUTCOME_UNKNOWN' ? await heads.get(registerId) : undefined;
    if (now?.note !== step.note) {
      throw isBeaten ? conflict(registerId, error) : error;
    }
  }
  // The head stands. What it covers says nothing any more, and the next step removes it otherwise.
  await announcements.deleteMany({ registerId, lastHeight: { $lt: step.size } }).catch(() => undefined);
}

/** Writes the documents that hold the hashes from `firstHeight` on, at the versions that they have. */
async function writeHashes({ hashes }: AnchorDocumentStores, registerId: string, step: AnchorAdvance): Promise<void> {
  const bytes = Buffer.concat(step.hashes.map(toHashBytes));
  const first = Math.floor(step.firstHeight / HASHES_PER_DOCUMENT);
  const last = Math.floor((step.size - 1) / HASHES_PER_DOCUMENT);
  for (let number = first; number <= last; number += 1) {
    const id = toId(registerId, number);
    const found = await hashes.get(id);
    const start = number * HASHES_PER_DOCUMENT;
    const kept = Buffer.from(found?.hashes ?? '', 'base64').subarray(
      0,
      Math.max(0, step.firstHeight - start) * HASH_BYTES,
    );
    const from = Math.max(0, start - step.firstHeight) * HASH_BYTES;
    const to = (start + HASHES_PER_DOCUMENT - step.firstHeight) * HASH_BYTES;
    const document = {
      id,
      registerId,
      number,
      hashes: Buffer.concat([kept, bytes.subarray(from, to)]).toString('base64'),
    };
    await (found === undefined ? hashes.insert(document) : hashes.replace({ ...document, version: found.version }));
  }
}

function toId(registerId: string, number: number): string {
  return `${registerId}/${number}`;
}

function conflict(registerId: string, cause?: unknown): RegisterError {
  return new RegisterError('ANCHOR_CONFLICT', `The head of "${registerId}" moved meanwhile; read it again.`, { cause });
}
