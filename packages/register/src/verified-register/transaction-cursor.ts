import { parseBase64url, toBase64url } from '../docket/base64url.ts';
import { RegisterError } from '../docket/register-error.ts';
import { sha256Hex } from '../docket/sha256.ts';
import { toUtf8 } from '../docket/utf8.ts';

/** Where a search goes on: at this height, behind the transactions that were handed out or passed over. */
export interface SearchPlace {
  readonly height: number;
  /** So many transactions of the docket are done, in the order of the search. */
  readonly done: number;
}

const CURSOR = /^1 (?<height>0|[1-9]\d{0,15}) (?<done>0|[1-9]\d{0,4}) (?<search>[0-9a-f]{16})$/u;

/** What a cursor belongs to: a search by these criteria, whatever its limit. */
export function toSearchName(registerId: string, criteria: object): string {
  return sha256Hex(toUtf8(JSON.stringify([registerId, criteria]))).slice(0, 16);
}

/** Writes a place as a text that says nothing to anybody else. */
export function toCursor(search: string, { height, done }: SearchPlace): string {
  return toBase64url(toUtf8(`1 ${height} ${done} ${search}`));
}

/** Reads a cursor. `INVALID` when it is none, or one of another search. */
export function parseCursor(search: string, cursor: string): SearchPlace {
  const bytes = typeof cursor === 'string' ? parseBase64url(cursor) : undefined;
  const { height, done, search: named } = CURSOR.exec(Buffer.from(bytes ?? []).toString('latin1'))?.groups ?? {};
  if (height === undefined || named !== search || !Number.isSafeInteger(Number(height))) {
    throw new RegisterError('INVALID', 'The cursor is none of this search; hand in the one of its last page, or none.');
  }
  return { height: Number(height), done: Number(done) };
}
