import { compileFilter } from '../filter/compile-filter.ts';
import type { Filter } from '../filter/filter.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { FindRecordsOptions, SequenceBounds, WormIntegrity, WormStore } from '../ports/worm-store.ts';
import { openWormRecord, type WormDefinition } from '../schema/define-worm.ts';
import { isWormRecordIntact, type WormRecord } from '../schema/worm-record.ts';
import { StorageError } from '../storage-error.ts';
import { checkOptions } from './check-options.ts';
import { toFilterNode } from './check-paths.ts';
import { checkSignal } from './check-signal.ts';
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
  checkSignal(options);
  const { limit = Number.MAX_SAFE_INTEGER } = options;
  checkWholeNumber(limit, 'limit', { min: 1 });
  const matches = compileFilter(toFilterNode(definition, filter));
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

/** No more absent records are listed one by one: a stray record far above would fill the memory. */
const MOST_MISSING = 1_000_000;

/** So many records in a row that cannot be read are listed; a storage that says the same of every sequence is not asked on. */
const LONGEST_LOSS = 10_000;

/**
 * `WormStore.verifyIntegrity`: reads the records within the bounds, checks each seal, and that none is absent. Where a
 * stretch cannot be read, the next record is read alone, so that only those that cannot be read count as damaged; after
 * {@link LONGEST_LOSS} of them in a row it fails with `CORRUPTED`.
 */
export async function checkIntegrity<D>(
  reader: StreamReader<D> & Pick<WormStore<D>, 'get'>,
  bounds: SequenceBounds = {},
  options: CallOptions = {},
): Promise<WormIntegrity> {
  const { stream } = reader;
  checkOptions(bounds, 'The bounds');
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
        tally.addUnreadable(sequence);
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
    if (missing.length + sequence - next > MOST_MISSING) {
      throw new StorageError(
        'INVALID',
        `More than ${MOST_MISSING} records are absent, among them ${next} and those after it; ask for narrower bounds.`,
      );
    }
    for (; next < sequence; next += 1) {
      missing.push(next);
    }
  };
  let lost = 0;
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
    add: (record: WormRecord) => {
      lost = 0;
      count(record.sequence, isWormRecordIntact(record));
    },
    addUnreadable: (sequence: number) => {
      lost += 1;
      if (lost > LONGEST_LOSS) {
        const first = sequence - LONGEST_LOSS;
        throw new StorageError(
          'CORRUPTED',
          `Nothing from record ${first} on can be read; restore the records from a copy.`,
        );
      }
      count(sequence, false);
    },
    result: (): WormIntegrity => ({ checked, damaged, missing }),
  };
}
