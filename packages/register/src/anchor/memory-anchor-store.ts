import { RegisterError } from '../docket/register-error.ts';
import { toHashBytes } from '../docket/sha256.ts';
import type { AnchorState, AnchorStore, Announcement } from './anchor-store.ts';
import { readClaimedSize } from './checkpoint.ts';

const HASH_BYTES = 32;

/** What is kept of one register. */
interface Kept {
  note: string | undefined;
  /** Grows by doubling: copying all hashes for each new one would be slow. */
  room: Uint8Array;
  /** How many bytes of `room` are hashes. */
  length: number;
  announced: readonly Announcement[];
}

/** Keeps heads in memory, for tests and throw-away registers; `put` replaces what is kept, to play a loss or a fault. */
export function createMemoryAnchorStore(): AnchorStore & { put(registerId: string, state: AnchorState): void } {
  const registers = new Map<string, Kept>();
  const open = (registerId: string): Kept => {
    const kept = registers.get(registerId) ?? { note: undefined, room: new Uint8Array(), length: 0, announced: [] };
    registers.set(registerId, kept);
    return kept;
  };
  return {
    read: async (registerId) => {
      const { note, room, length, announced } = open(registerId);
      return { note, hashes: room.slice(0, length), announced };
    },
    put: (registerId, { note, hashes, announced }) => {
      registers.set(registerId, { note, room: Uint8Array.from(hashes), length: hashes.length, announced });
    },
    announce: async (registerId, firstHeight, hashes) => {
      const kept = open(registerId);
      const added = hashes.map((hash, index) => ({ height: firstHeight + index, hash }));
      kept.announced = [...kept.announced, ...added];
    },
    advance: async (registerId, { expected, note, size, firstHeight, hashes }) => {
      const kept = open(registerId);
      if (kept.note !== expected || size <= readClaimedSize(kept.note)) {
        throw new RegisterError('ANCHOR_CONFLICT', `The head of "${registerId}" moved meanwhile; read it again.`);
      }
      kept.note = note;
      putHashes(kept, firstHeight, hashes);
      kept.announced = kept.announced.filter(({ height }) => height >= size);
    },
  };
}

function putHashes(kept: Kept, firstHeight: number, hashes: readonly string[]): void {
  const start = firstHeight * HASH_BYTES;
  kept.length = start + hashes.length * HASH_BYTES;
  if (kept.room.length < kept.length) {
    const grown = new Uint8Array(2 * kept.length);
    grown.set(kept.room);
    kept.room = grown;
  }
  for (const [index, hash] of hashes.entries()) {
    kept.room.set(toHashBytes(hash), start + index * HASH_BYTES);
  }
}
