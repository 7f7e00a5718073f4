import type { Document } from 'mongodb';

/** A query in MongoDB's language: documents that match the filter match it, and when it is exact no others do. */
export interface Translation {
  readonly query: Document;
  readonly isExact: boolean;
}

/** Matches every document. */
const EVERYTHING: Document = {};

/** Matches no document. */
const NOTHING: Document = { _id: { $in: [] } };

/** The translation of what no document matches. */
export const nothing: Translation = { query: NOTHING, isExact: true };

/** The translation of what MongoDB cannot narrow: the evaluator is asked about every document. */
export const anything: Translation = { query: EVERYTHING, isExact: false };

/** Says whether a query leaves no document out. */
export function isEverything({ query }: Translation): boolean {
  return Object.keys(query).length === 0;
}

/** A query that means the same as the filter. */
export function exactly(query: Document): Translation {
  return { query, isExact: true };
}

/** A query that lets through more than the filter. */
export function atLeast(query: Document): Translation {
  return { query, isExact: false };
}

/** What matches all of them. */
export function allOf(parts: readonly Translation[]): Translation {
  const isExact = parts.every((part) => part.isExact);
  const [first, ...others] = parts.filter((part) => !isEverything(part)).map(({ query }) => query);
  if (first === undefined) {
    return { query: EVERYTHING, isExact };
  }
  return { query: others.length === 0 ? first : { $and: [first, ...others] }, isExact };
}

/** What matches one of them. */
export function anyOf(parts: readonly Translation[]): Translation {
  const isExact = parts.every((part) => part.isExact);
  const [first, ...others] = parts;
  if (first === undefined) {
    return nothing;
  }
  if (parts.some(isEverything)) {
    return { query: EVERYTHING, isExact };
  }
  return { query: others.length === 0 ? first.query : { $or: parts.map(({ query }) => query) }, isExact };
}

/** What does not match. Only of an exact query can the opposite be asked for. */
export function noneOf(part: Translation): Translation {
  if (!part.isExact) {
    return anything;
  }
  return exactly(isEverything(part) ? NOTHING : { $nor: [part.query] });
}
