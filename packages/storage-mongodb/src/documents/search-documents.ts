import { compileFilter, compileOrder, type DocumentDefinition, type OrderBy, type Stored } from '@sorcha/storage';
import { checkWholeNumber, keepFirst, toFilterNode, toOrderKeys } from '@sorcha/storage/provider';
import type { ClientSession, Collection, Document, FindOptions } from 'mongodb';
import type { CommandOptions } from '../connection/mongo-database.ts';
import type { TransactionOptions } from '../connection/run-transaction.ts';
import { readServerCode } from '../connection/to-storage-error.ts';
import { isPlaced, type NativeOrder, toNativeOrder } from './sort-documents.ts';
import { fromStoredDocument, readDocument, type StoredDocument } from './stored-document.ts';
import { translateFilter } from './translate-filter.ts';

/** What a command of a search is given, within a transaction or not. */
export type SearchOptions = (CommandOptions | TransactionOptions) & { readonly session?: ClientSession };

/** Which documents match: those that MongoDB finds and that pass the test, where there is one. */
export interface DocumentFilter {
  readonly query: Document;
  readonly test: ((document: object) => boolean) | undefined;
}

/** A search that was checked; see {@link toSearch}. */
export interface DocumentSearch<D> {
  readonly filter: DocumentFilter;
  /** `undefined` when MongoDB would order otherwise. */
  readonly order: NativeOrder | undefined;
  readonly compare: (a: Stored<D>, b: Stored<D>) => number;
  readonly limit: number;
  readonly skip: number;
}

/** More documents than a collection has: no reason to trouble the server with it. */
const MOST = 2 ** 31 - 1;

/** How many documents one answer of the server has at most. */
const BATCH = 1_000;

/** What MongoDB says of an order by two paths through different arrays. */
const BAD_VALUE = 2;

/** Checks a filter. `INVALID` names the place of what is wrong. */
export function toDocumentFilter<D, I>(definition: DocumentDefinition<D, I>, filter: unknown): DocumentFilter {
  const node = toFilterNode(definition, filter);
  const { query, isExact } = translateFilter(node, definition.key);
  return { query, test: isExact ? undefined : compileFilter(node) };
}

/** Checks a search before anything waits or is read. `INVALID` names the place of what is wrong. */
export function toSearch<D extends object, I>(
  definition: DocumentDefinition<D, I>,
  query: {
    readonly filter: unknown;
    readonly orderBy?: readonly OrderBy[] | undefined;
    readonly limit?: number | undefined;
    readonly skip?: number | undefined;
  },
): DocumentSearch<D> {
  const { filter, orderBy = [], limit, skip = 0 } = query;
  if (limit !== undefined) {
    checkWholeNumber(limit, 'limit', { min: 1 });
  }
  checkWholeNumber(skip, 'skip', { min: 0 });
  const keys = toOrderKeys(definition, orderBy);
  // The version is the store's: to filters and orders it is not there, and what is not there orders nothing.
  const seen = keys.filter(({ path }) => path[0] !== 'version');
  return {
    filter: toDocumentFilter(definition, filter),
    order: toNativeOrder(seen, definition.key),
    compare: compileOrder(
      orderBy.filter((_, index) => keys[index]?.path[0] !== 'version'),
      definition.key,
    ),
    limit: limit === undefined || limit > MOST ? MOST : limit,
    skip: Math.min(skip, MOST),
  };
}

/** The documents of a search, in order. */
export async function findDocuments<D extends object, I>(
  collection: Collection<StoredDocument>,
  definition: DocumentDefinition<D, I>,
  { search, options }: { readonly search: DocumentSearch<D>; readonly options: SearchOptions },
): Promise<Stored<D>[]> {
  const { filter, order, limit, skip } = search;
  // Without a limit all are read in any case, and are sorted here.
  if (order !== undefined && (order.keys.length === 0 || limit < MOST)) {
    const found = await unlessParallel(async () => findOrdered(collection, definition, { search, order, options }));
    if (found?.every((document) => isPlaced(document, order.keys)) === true) {
      return found;
    }
  }
  const matching = toStoredAll(definition, streamMatching(collection, filter, options));
  return keepFirst(matching, search.compare, { skip, limit });
}

async function findOrdered<D extends object, I>(
  collection: Collection<StoredDocument>,
  definition: DocumentDefinition<D, I>,
  request: { readonly search: DocumentSearch<D>; readonly order: NativeOrder; readonly options: SearchOptions },
): Promise<Stored<D>[]> {
  const { search, order, options } = request;
  const { filter, limit, skip } = search;
  const { sort } = order;
  if (filter.test === undefined) {
    const bounds = { skip, ...(limit < MOST ? { limit } : {}) };
    const found = await openCursor(collection, filter.query, { ...options, sort, ...bounds }).toArray();
    return found.map((one) => fromStoredDocument(definition, one));
  }
  const found: Stored<D>[] = [];
  let passed = 0;
  for await (const one of streamMatching(collection, filter, options, { sort })) {
    passed += 1;
    if (passed > skip) {
      found.push(fromStoredDocument(definition, one));
    }
    if (found.length === limit) {
      break;
    }
  }
  return found;
}

/** How many documents match. */
export async function countDocuments(
  collection: Collection<StoredDocument>,
  filter: DocumentFilter,
  options: SearchOptions,
): Promise<number> {
  if (filter.test === undefined) {
    const stages = [{ $match: filter.query }, { $count: 'count' }];
    const [answer] = await collection.aggregate(stages, { ...options, ...snapshotOf(options) }).toArray();
    return Number(answer?.['count'] ?? 0);
  }
  let count = 0;
  for await (const _ of streamMatching(collection, filter, options)) {
    count += 1;
  }
  return count;
}

/** The documents that match, as they are kept. */
export async function* streamMatching(
  collection: Collection<StoredDocument>,
  { query, test }: DocumentFilter,
  options: SearchOptions,
  order: Pick<FindOptions, 'sort'> = {},
): AsyncIterable<StoredDocument> {
  for await (const found of openCursor(collection, query, { ...options, ...order })) {
    if (test === undefined || test(readDocument(found))) {
      yield found;
    }
  }
}

/** Reads what matches a query, from the first answer to the last one state of the data. */
export function openCursor(
  collection: Collection<StoredDocument>,
  query: Document,
  options: SearchOptions & FindOptions,
) {
  return collection.find(query, { ...options, ...snapshotOf(options), batchSize: BATCH });
}

/** A transaction sees one state of the data anyway. */
function snapshotOf({ session }: SearchOptions) {
  return session === undefined ? { readConcern: { level: 'snapshot' as const } } : {};
}

async function* toStoredAll<D, I>(
  definition: DocumentDefinition<D, I>,
  found: AsyncIterable<object>,
): AsyncIterable<Stored<D>> {
  for await (const one of found) {
    yield fromStoredDocument(definition, one);
  }
}

/** `undefined` when MongoDB cannot sort because of where arrays are. */
async function unlessParallel<T>(find: () => Promise<T>): Promise<T | undefined> {
  try {
    return await find();
  } catch (error) {
    if (readServerCode(error) === BAD_VALUE) {
      return undefined;
    }
    throw error;
  }
}
