import { toList } from '../connection/to-list.ts';
import { SLOT_COUNT } from './slot-of-key.ts';

/** Slots that follow each other and the server that has them. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
  readonly host: string;
  readonly port: number;
}

/**
 * Reads the answer to `CLUSTER SLOTS`, masters only; `undefined` when it is none.
 *
 * @param asked the host that answered: it leaves out its own name when it does not know it.
 */
export function parseSlotRanges(reply: unknown, asked: string): readonly SlotRange[] | undefined {
  if (!Array.isArray(reply)) {
    return undefined;
  }
  const ranges: SlotRange[] = [];
  for (const entry of reply) {
    const range = parseRange(entry, asked);
    if (range === undefined) {
      return undefined;
    }
    ranges.push(range);
  }
  return ranges;
}

function parseRange(entry: unknown, asked: string): SlotRange | undefined {
  const [from, to, master] = toList(entry);
  const [name, port] = toList(master);
  if (!isSlot(from) || !isSlot(to)) {
    return undefined;
  }
  const host = name instanceof Buffer || typeof name === 'string' ? name.toString() : '';
  return typeof port === 'number' ? { from, to, host: host === '' || host === '?' ? asked : host, port } : undefined;
}

function isSlot(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < SLOT_COUNT;
}
