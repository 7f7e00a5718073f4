import { StorageError, type WormStore } from '@sorcha/storage';

/**
 * Wraps a write-once store so that it loses heights as a database does with a broken page: no `get` or `range` that has to
 * look at one of them comes back, and a range looks for its end first. `onCall` hears of each of these calls.
 */
export function loseHeights(
  store: WormStore<string>,
  isLost: (height: number) => boolean,
  onCall: () => void = () => undefined,
): WormStore<string> {
  const look = (height: number) => {
    if (isLost(height)) {
      throw new StorageError('CORRUPTED', `The page of record ${height} is broken.`);
    }
  };
  return {
    ...store,
    get: async (stream, height, options) => {
      onCall();
      look(height);
      return store.get(stream, height, options);
    },
    range: async function* (stream, from, to, options) {
      onCall();
      look(to);
      for await (const record of store.range(stream, from, to, options)) {
        look(record.sequence);
        yield record;
      }
    },
  };
}
