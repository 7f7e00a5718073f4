import { RegisterError } from '../docket/register-error.ts';
import { toHashBytes } from '../docket/sha256.ts';
import type { AnchorState, AnchorStore } from './anchor-store.ts';

const EMPTY: AnchorState = { note: undefined, hashes: new Uint8Array(), announced: [] };

/** Keeps heads in memory, for tests and throw-away registers; `put` replaces what is kept, to play a loss or a fault. */
export function createMemoryAnchorStore(): AnchorStore & { put(registerId: string, state: AnchorState): void } {
  const states = new Map<string, AnchorState>();
  const read = (registerId: string) => states.get(registerId) ?? EMPTY;
  return {
    read: async (registerId) => read(registerId),
    put: (registerId, state) => {
      states.set(registerId, state);
    },
    announce: async (registerId, firstHeight, hashes) => {
      const state = read(registerId);
      const added = hashes.map((hash, index) => ({ height: firstHeight + index, hash }));
      states.set(registerId, { ...state, announced: [...state.announced, ...added] });
    },
    advance: async (registerId, { expected, note, size, firstHeight, hashes }) => {
      const state = read(registerId);
      if (state.note !== expected) {
        throw new RegisterError('ANCHOR_CONFLICT', `The head of "${registerId}" moved meanwhile; read it again.`);
      }
      states.set(registerId, {
        note,
        hashes: Buffer.concat([state.hashes.subarray(0, firstHeight * 32), ...hashes.map(toHashBytes)]),
        announced: state.announced.filter(({ height }) => height >= size),
      });
    },
  };
}
