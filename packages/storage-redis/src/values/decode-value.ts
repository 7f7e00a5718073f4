import { isUtf8 } from 'node:buffer';
import { inflateSync } from 'node:zlib';
import type { JsonValue } from '@sorcha/storage';
import { copyJson } from '@sorcha/storage/provider';
import { hasEscapes, isKeptJson } from './is-kept-json.ts';
import { FORMAT, LEASE_END_LENGTH } from './value-format.ts';

/** What stood under a key. */
export type Decoded =
  | { readonly kind: 'entry'; readonly value: JsonValue }
  | { readonly kind: 'absent' }
  /** Bytes that are no entry of this version: foreign, newer or damaged. */
  | { readonly kind: 'unreadable' };

const ABSENT: Decoded = { kind: 'absent' };
const UNREADABLE: Decoded = { kind: 'unreadable' };

/** Reads what stood under a key (see `value-format.ts`). The bytes are not trusted: nothing in them makes this throw. */
export function decodeValue(bytes: Buffer, maxValueBytes: number): Decoded {
  const head = bytes[0];
  if (head === FORMAT.json) {
    return decodeJson(bytes, 1);
  }
  if (head === FORMAT.deflated) {
    return decodeDeflated(bytes.subarray(1), maxValueBytes);
  }
  if (head === FORMAT.leasedEntry) {
    const entry = bytes.subarray(2 + (bytes[1] ?? 0) + LEASE_END_LENGTH);
    return entry[0] === FORMAT.leasedEntry ? UNREADABLE : decodeValue(entry, maxValueBytes);
  }
  return head === FORMAT.lease ? ABSENT : UNREADABLE;
}

function decodeDeflated(bytes: Buffer, maxValueBytes: number): Decoded {
  try {
    return decodeJson(inflateSync(bytes, { maxOutputLength: maxValueBytes }), 0);
  } catch {
    return UNREADABLE;
  }
}

function decodeJson(bytes: Buffer, start: number): Decoded {
  const json = bytes.toString('utf8', start);
  // What is no UTF-8 becomes this character, which may also stand there by right.
  if (json.includes('\ufffd') && !isUtf8(bytes)) {
    return UNREADABLE;
  }
  try {
    const value: unknown = JSON.parse(json);
    if (isJson(value)) {
      return { kind: 'entry', value: hasEscapes(json) ? copyJson(value, 'value') : value };
    }
    return UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}

function isJson(value: unknown): value is JsonValue {
  return isKeptJson(value);
}
