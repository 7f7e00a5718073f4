import type { WormRecord } from '../schema/worm-record.ts';

/** The records of one stream by sequence. A map that knows its highest sequence, also when a test removes or adds records. */
export class MemoryWormStream extends Map<number, WormRecord> {
  #highest: number | undefined;
  #isKnown = true;

  /** The highest sequence; `undefined` when there is none. */
  get highest(): number | undefined {
    if (!this.#isKnown) {
      this.#highest = findHighest(this);
      this.#isKnown = true;
    }
    return this.#highest;
  }

  override set(sequence: number, record: WormRecord): this {
    if (this.#isKnown) {
      this.#highest = Math.max(this.#highest ?? sequence, sequence);
    }
    return super.set(sequence, record);
  }

  override delete(sequence: number): boolean {
    this.#isKnown &&= sequence !== this.#highest;
    return super.delete(sequence);
  }

  override clear(): void {
    this.#isKnown = false;
    super.clear();
  }
}

/** The highest sequence of any map of records; only a {@link MemoryWormStream} knows it without a search. */
export function findHighest(records: ReadonlyMap<number, WormRecord>): number | undefined {
  let found: number | undefined;
  for (const sequence of records.keys()) {
    found = Math.max(found ?? sequence, sequence);
  }
  return found;
}
