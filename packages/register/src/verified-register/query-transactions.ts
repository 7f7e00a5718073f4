import { setImmediate } from 'node:timers/promises';
import { StorageError, type WormRecord } from '@sorcha/storage';
import type { Docket } from '../docket/docket.ts';
import { parseDocketRecord } from '../docket/parse-docket.ts';
import { requireParsed } from '../docket/parsed.ts';
import { sha256Hex } from '../docket/sha256.ts';
import type { CorruptionRange } from '../verification/corruption.ts';
import { describeChange } from './read-docket.ts';
import { readRecords } from './read-records.ts';
import { initializing, type RegisterCore, reportDamage, requireOnline } from './register-core.ts';
import { parseCursor, type SearchPlace, toCursor, toSearchName } from './transaction-cursor.ts';
import { type CheckedQuery, checkQuery, type TransactionPage, type TransactionQuery } from './transaction-query.ts';
import type { SealedTransaction } from './verified-register.ts';

/** So many dockets are read for one page: a search that finds little ends all the same. */
const MOST_DOCKETS = 5_000;
/** So many heights are read in one go. */
const STRETCH = 100;

/** See `VerifiedRegister.transactions`. */
export async function queryTransactions(core: RegisterCore, query: TransactionQuery): Promise<TransactionPage> {
  requireOnline(core);
  const checked = checkQuery(query);
  const { isDescending, limit } = checked;
  const { from, to } = toHeights(core, checked);
  const search = toSearchName(core.options.registerId, checked.criteria);
  const start: SearchPlace =
    query.cursor === undefined ? { height: isDescending ? to : from, done: 0 } : parseCursor(search, query.cursor);
  const found: SealedTransaction[] = [];
  let place = start;
  let read = 0;
  for (const [first, last] of divide(place.height, { from, to, isDescending })) {
    const dockets = await readStretch(core, checked, { from: Math.min(first, last), to: Math.max(first, last), query });
    for (const { height, transactions } of isDescending ? dockets.reverse() : dockets) {
      const skipped = height === start.height ? start.done : 0;
      const inOrder = isDescending ? transactions.toReversed() : transactions;
      for (const [done, sealed] of inOrder.entries()) {
        if (done >= skipped && checked.fits(sealed.transaction)) {
          if (found.length === limit) {
            return toPage(core, found, { search, start, place: { height, done }, isDescending });
          }
          found.push(sealed);
        }
      }
    }
    read += Math.abs(last - first) + 1;
    place = { height: isDescending ? last - 1 : last + 1, done: 0 };
    const isOver = isDescending ? place.height < from : place.height > to;
    if (!isOver && (read >= MOST_DOCKETS || found.length === limit)) {
      return toPage(core, found, { search, start, place, isDescending });
    }
    await setImmediate();
    requireWanted(query.signal);
    requireOnline(core);
  }
  return { transactions: found, unproven: rangesWithin(core, from, to) };
}

function toPage(
  core: RegisterCore,
  transactions: readonly SealedTransaction[],
  {
    search,
    start,
    place,
    isDescending,
  }: {
    readonly search: string;
    readonly start: SearchPlace;
    readonly place: SearchPlace;
    readonly isDescending: boolean;
  },
): TransactionPage {
  const [from, to] = isDescending ? [place.height, start.height] : [start.height, place.height];
  return { transactions, cursor: toCursor(search, place), unproven: rangesWithin(core, from, to) };
}

/** The heights to be searched. Above what a progressive start has verified there is no answer yet. */
function toHeights(core: RegisterCore, { fromHeight, toHeight }: CheckedQuery): { from: number; to: number } {
  const size = Math.max(core.facts.size, core.beginning?.size ?? 0);
  const to = Math.min(toHeight, size - 1);
  if (to >= core.facts.size && fromHeight <= to) {
    throw initializing(core, 'not all of these heights can be searched');
  }
  return { from: fromHeight, to };
}

/** Stretches of heights from a start on, in the order of the search: first and last of each. */
function* divide(
  start: number,
  { from, to, isDescending }: { readonly from: number; readonly to: number; readonly isDescending: boolean },
): Generator<readonly [number, number]> {
  if (isDescending) {
    for (let first = Math.min(start, to); first >= from; first -= STRETCH) {
      yield [first, Math.max(from, first - STRETCH + 1)];
    }
  } else {
    for (let first = Math.max(start, from); first <= to; first += STRETCH) {
      yield [first, Math.min(to, first + STRETCH - 1)];
    }
  }
}

interface ReadDocket {
  readonly height: number;
  readonly transactions: readonly SealedTransaction[];
}

/** Reads the proven dockets of a stretch that can have what is looked for; what is not what was verified is reported as damage. */
async function readStretch(
  core: RegisterCore,
  { fromTime, toTime, needles }: CheckedQuery,
  { from, to, query }: { readonly from: number; readonly to: number; readonly query: TransactionQuery },
): Promise<ReadDocket[]> {
  const { registerId, cold } = core.options;
  const wanted = new Set<number>();
  for (let height = from; height <= to; height += 1) {
    const time = core.facts.damage(height) === undefined ? core.facts.timestamp(height) : undefined;
    if (time !== undefined && time >= fromTime && time <= toTime) wanted.add(height);
  }
  const [first, last] = [Math.min(...wanted), Math.max(...wanted)];
  if (wanted.size === 0) {
    return [];
  }
  const dockets: ReadDocket[] = [];
  const call = query.signal === undefined ? {} : { signal: query.signal };
  const seen = new Set<number>();
  for await (const record of readRecords(cold, { registerId, from: first, to: last, known: last + 1 }, call)) {
    const height = 'bytes' in record ? record.sequence : record.height;
    if (!wanted.has(height)) continue;
    seen.add(height);
    if (!('bytes' in record) || sha256Hex(record.bytes) !== core.facts.facts(height)?.digest) {
      reportDamage(core, height, describeChange(registerId, height, record));
    } else if (hasAll(record, needles)) {
      const { transactions } = requireParsed<Docket>(parseDocketRecord(record.bytes));
      dockets.push({
        height,
        transactions: transactions.map((transaction, index) => ({ height, index, transaction })),
      });
    }
  }
  for (const height of wanted) {
    if (!seen.has(height)) reportDamage(core, height, describeChange(registerId, height, undefined));
  }
  return dockets;
}

function hasAll({ bytes }: WormRecord, needles: readonly string[]): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return needles.every((needle) => buffer.includes(needle));
}

function rangesWithin(core: RegisterCore, from: number, to: number): CorruptionRange[] {
  return core.facts.ranges().filter((range) => range.from <= to && range.to >= from);
}

function requireWanted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new StorageError('TIMEOUT', 'The search was ended by its signal.', { cause: signal.reason });
  }
}
