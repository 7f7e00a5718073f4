import { getRandomValues } from 'node:crypto';

const WORDS = 8;
const FIRST_SLOTS = 1024;

/** Where each transaction id stands among ids that lie one after another: some 8 bytes a transaction. */
export interface TransactionIndex {
  /** The number of the transaction with this id (32 bytes); `undefined` for one that was not added. */
  find(id: Uint8Array): number | undefined;
  /** As `find`, for the id of a transaction by its number. */
  findSame(number: number): number | undefined;
  /** Adds a transaction whose id is not in the index. */
  add(number: number): void;
}

/**
 * Starts an empty index: a hash table with open addressing. Its slots depend on random numbers, so that nobody can choose ids
 * that all fall together.
 *
 * @param ids what the numbers stand for: 32 bytes each, the first of number 0. Asked again for every call, because it may grow.
 */
export function createTransactionIndex(ids: () => Uint8Array): TransactionIndex {
  /** Number plus 1; 0 for an empty slot. */
  let slots = new Uint32Array(FIRST_SLOTS);
  let size = 0;
  const [first = 0, second = 0] = getRandomValues(new Uint32Array(2));

  const toWords = (bytes: Uint8Array) => new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  let known: Uint8Array = new Uint8Array();
  let knownWords = toWords(known);
  const words = () => {
    const bytes = ids();
    if (bytes !== known) {
      known = bytes;
      knownWords = toWords(bytes);
    }
    return knownWords;
  };
  /** The slot of an id, or the empty one where it belongs. */
  const findSlot = (all: Uint32Array, wanted: Uint32Array, at: number) => {
    const mask = slots.length - 1;
    const mixed =
      Math.imul((wanted[at] ?? 0) ^ first, 0x9e3779b1) ^ Math.imul((wanted[at + 1] ?? 0) ^ second, 0x85ebca6b);
    let slot = (mixed ^ (mixed >>> 15)) & mask;
    for (let entry = slots[slot] ?? 0; entry !== 0; entry = slots[slot] ?? 0) {
      if (areEqual(all, (entry - 1) * WORDS, wanted, at)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  };
  const toNumber = (entry: number | undefined) => (entry === undefined || entry === 0 ? undefined : entry - 1);
  return {
    find: (id) => toNumber(slots[findSlot(words(), toWords(Uint8Array.from(id)), 0)]),
    findSame: (number) => toNumber(slots[findSlot(words(), words(), number * WORDS)]),
    add: (number) => {
      size += 1;
      if (4 * size > 3 * slots.length) {
        const old = slots;
        slots = new Uint32Array(2 * old.length);
        for (const entry of old) {
          if (entry !== 0) slots[findSlot(words(), words(), (entry - 1) * WORDS)] = entry;
        }
      }
      slots[findSlot(words(), words(), number * WORDS)] = number + 1;
    },
  };
}

function areEqual(left: Uint32Array, leftAt: number, right: Uint32Array, rightAt: number): boolean {
  for (let word = 0; word < WORDS; word += 1) {
    if (left[leftAt + word] !== right[rightAt + word]) return false;
  }
  return true;
}
