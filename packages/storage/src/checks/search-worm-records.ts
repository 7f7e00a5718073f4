import { compileFilter } from '../filter/compile-filter.ts';
import type { Filter } from '../filter/filter.ts';
import { parseFilter } from '../filter/parse-filter.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { FindRecordsOptions, SequenceBounds, WormIntegrity, WormStore } from '../ports/worm-store.ts';
import { openWormRecord, type WormDefinition } from '../schema/define-worm.ts';
import { isWormRecordIntact, type WormRecord } from '../schema/worm-record.ts';
import { StorageError } from '../storage-error.ts';
import { checkSequence } from './check-stream.ts';
import { checkWholeNumber } from './check-whole-number.ts';

/** What the searches read a stream with. */
type StreamReader<D> = Pick<WormStore<D>, 'height' | 'range'> & { readonly stream: string };

/** `WormStore.find` for providers that do not search in the database: reads the stream and checks every seal. */
export async function findRecords<D>(
  reader: StreamReader<D> & { readonly definition: WormDefinition<D>; readonly filter: Filter<D> },
  options: FindRecordsOptions = {},
): Promise<WormRecord[]> {
  const { definition, stream, filter } = reader;
  const { limit = Number.MAX_SAFE_INTEGER } = options;
  checkWholeNumber(limit, 'limit', { min: 1 });
  const matches = compileFilter(parseFilter(filter));
  const found: WormRecord[] = [];
  const height = await reader.height(stream, options);
  if (height === undefined) {
    return found;
  }
  for await (const record of reader.range(stream, 0, height, options)) {
    if (matches(openWormRecord(definition, record))) {
      found.push(record);
    }
    if (found.length === limit) {
      break;
    }
  }
  return found;
}

/** A longer run of absent records is not listed one by one: a stray record far above would fill the memory. */
const LONGEST_GAP = 1_000_000;

/**
 * `WormStore.verifyIntegrity`: reads the records within the bounds, checks each seal, and that none is absent. Where a
 * stretch cannot be read, the next record is read alone, so that only those that cannot be read count as damaged.
 */
export async function checkIntegrity<D>(
  reader: StreamReader<D> & Pick<WormStore<D>, 'get'>,
  bounds: SequenceBounds = {},
  options: CallOptions = {},
): Promise<WormIntegrity> {
  const { stream } = reader;
  const { from = 0, to = Number.MAX_SAFE_INTEGER } = bounds;
  checkSequence(from, 'from');
  checkSequence(to, 'to');
  const last = Math.min(to, (await reader.height(stream, options)) ?? -1);
  const tally = createTally(from);
  while (tally.next <= last) {
    const isRead = await unlessCorrupted(async () => {
      for await (const record of reader.range(stream, tally.next, last, options)) {
        tally.add(record);
      }
      tally.skipTo(last + 1);
    });
    if (!isRead) {
      const sequence = tally.next;
      const isSingleRead = await unlessCorrupted(async () => {
        const record = await reader.get(stream, sequence, options);
        if (record === undefined) {
          tally.skipTo(sequence + 1);
        } else {
          tally.add(record);
        }
      });
      if (!isSingleRead) {
        tally.addDamaged(sequence);
      }
    }
  }
  return tally.result();
}

async function unlessCorrupted(read: () => Promise<void>): Promise<boolean> {
  try {
    await read();
    return true;
  } catch (error) {
    if (error instanceof StorageError && error.code === 'CORRUPTED') {
      return false;
    }
    throw error;
  }
}

function createTally(from: number) {
  const damaged: number[] = [];
  const missing: number[] = [];
  let checked = 0;
  let next = from;
  const skipTo = (sequence: number) => {
    if (sequence - next > LONGEST_GAP) {
      throw new StorageError(
        'INVALID',
        `More than ${LONGEST_GAP} records in a row are absent from ${next} on; ask for narrower bounds.`,
      );
    }
    for (; next < sequence; next += 1) {
      missing.push(next);
    }
  };
  const count = (sequence: number, isIntact: boolean) => {
    skipTo(sequence);
    next = sequence + 1;
    checked += 1;
    if (!isIntact) {
      damaged.push(sequence);
    }
  };
  return {
    get next() {
      return next;
    },
    skipTo,
    add: (record: WormRecord) => count(record.sequence, isWormRecordIntact(record)),
    addDamaged: (sequence: number) => count(sequence, false),
    result: (): WormIntegrity => ({ checked, damaged, missing }),
  };
}
