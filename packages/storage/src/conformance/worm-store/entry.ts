import { z } from 'zod';
import type { WormStore } from '../../ports/worm-store.ts';
import { defineWorm, type WormDefinition } from '../../schema/define-worm.ts';
import type { WormRecord } from '../../schema/worm-record.ts';
import type { Fact } from '../create-fact.ts';
import type { OpenedStore } from '../opened-store.ts';

/** The write-once document that most facts are about. */
export interface Entry {
  n: number;
  value?: unknown;
}

/** Declares an {@link Entry}, kept as JSON. */
export const entry: WormDefinition<Entry> = defineWorm({
  name: 'entry',
  schema: z.object({ n: z.number(), value: z.unknown().optional() }),
});

/** Declares documents that are their own text. */
export const rawText: WormDefinition<string> = defineWorm({
  name: 'raw_text',
  schema: z.string(),
  text: { encode: (text) => text, decode: (text) => text },
});

/** The most bytes of a {@link shortText}. */
export const SHORT_BYTES = 8;

/** Declares documents that are their own text and no longer than {@link SHORT_BYTES}. */
export const shortText: WormDefinition<string> = defineWorm({
  name: 'short_text',
  schema: z.string(),
  text: { encode: (text) => text, decode: (text) => text },
  maxBytes: SHORT_BYTES,
});

/** Declares a fact about a store of entries. */
export type EntryFact = Fact<OpenedStore<WormStore<Entry>>>;

/** `count` entries, numbered. */
export function createEntries(count: number, first = 0): Entry[] {
  return Array.from({ length: count }, (_, index) => ({ n: first + index }));
}

/** The records from `from` to `to`; default: all of them. */
export async function readRange(
  store: WormStore<Entry>,
  stream: string,
  from = 0,
  to = Number.MAX_SAFE_INTEGER,
): Promise<WormRecord[]> {
  return Array.fromAsync(store.range(stream, from, to));
}

/** The sequences of records, in their order. */
export function sequencesOf(records: readonly WormRecord[]): number[] {
  return records.map(({ sequence }) => sequence);
}

/** The fields of a record, its bytes as hex: whatever class of bytes a provider returns. */
export function toPlain(record: WormRecord | undefined): object | undefined {
  return record === undefined ? undefined : { ...record, bytes: Buffer.from(record.bytes).toString('hex') };
}
