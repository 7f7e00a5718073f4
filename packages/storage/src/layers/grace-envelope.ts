import type { Clock } from '../clock.ts';
import type { JsonValue } from '../json-value.ts';

/**
 * What marks a value that is kept longer than it counts: this text, until when it counts and until when it may still be
 * served, in milliseconds since 1970-01-01T00:00:00Z, and the value as JSON: `sorcha-grace/1:1767225600000:1767229200000:{"a":1}`.
 * It is a text and no object, so that a value may be as deep inside as outside.
 */
const MARK = 'sorcha-grace/1:';
const ENVELOPE = /^sorcha-grace\/1:(\d{1,16}):(\d{1,16}):/;
/** Until when a text that only looks like an envelope counts. */
const ALWAYS = Number.MAX_SAFE_INTEGER;

/** What was read from a store. Times are in milliseconds since 1970-01-01T00:00:00Z. */
export interface KeptEntry {
  readonly value: JsonValue;
  /** From when on it no longer counts. */
  readonly staleAt: number;
  /** From when on it is not served even when its source fails. */
  readonly goneAt: number;
}

/** Says whether a stored value is to be opened. */
function isEnvelope(stored: JsonValue): stored is string {
  return typeof stored === 'string' && stored.startsWith(MARK);
}

/** Opens an envelope; `undefined` when it is damaged or made by somebody else. */
function openEnvelope(stored: string): KeptEntry | undefined {
  const [head, staleAt, goneAt] = ENVELOPE.exec(stored) ?? [];
  if (head === undefined) {
    return undefined;
  }
  try {
    // oxlint-disable-next-line typescript/no-unsafe-assignment -- JSON carries nothing but JSON values
    const value: JsonValue = JSON.parse(stored.slice(head.length));
    return { value, staleAt: Number(staleAt), goneAt: Number(goneAt) };
  } catch {
    return undefined;
  }
}

/**
 * What is to be stored for a value: itself, or an envelope when it has a time of grace.
 *
 * @param value a checked copy: JSON that every store can keep.
 */
export function toEnvelope(value: JsonValue, staleAt: number, graceMs: number): JsonValue {
  if (graceMs > 0) {
    return `${MARK}${staleAt}:${staleAt + graceMs}:${JSON.stringify(value)}`;
  }
  return isEnvelope(value) ? `${MARK}${ALWAYS}:${ALWAYS}:${JSON.stringify(value)}` : value;
}

/** What a stored value is at a moment: one that counts, or one in its time of grace. */
export interface Aged {
  readonly fresh: JsonValue | undefined;
  readonly stale: KeptEntry | undefined;
}

/** Says of what a store has whether it counts now, or is in its time of grace. */
export function sortByAge(stored: JsonValue | undefined, clock: Clock): Aged {
  if (stored === undefined || !isEnvelope(stored)) {
    return { fresh: stored, stale: undefined };
  }
  const entry = openEnvelope(stored);
  const now = clock.now();
  if (entry === undefined || entry.goneAt <= now) {
    return { fresh: undefined, stale: undefined };
  }
  return entry.staleAt > now ? { fresh: entry.value, stale: undefined } : { fresh: undefined, stale: entry };
}
