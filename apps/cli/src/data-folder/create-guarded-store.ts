import type { WormStore } from '@sorcha/storage';

/** A write-once store that only reads until it is told to take records. */
export interface GuardedStore extends WormStore<string> {
  /** Opens it for writing. To do so can change the file even if nothing is appended: lost triggers are put back. */
  openForWriting(): Promise<void>;
}

/** Guards a store: everything goes to the reader, until `openWriter` has opened another one in its place. */
export function createGuardedStore(
  reader: WormStore<string>,
  openWriter: () => Promise<WormStore<string>>,
): GuardedStore {
  let store = reader;
  return {
    provider: reader.provider,
    append: async (...args) => store.append(...args),
    appendBatch: async (...args) => store.appendBatch(...args),
    get: async (...args) => store.get(...args),
    range: (...args) => store.range(...args),
    find: async (...args) => store.find(...args),
    height: async (...args) => store.height(...args),
    count: async (...args) => store.count(...args),
    exists: async (...args) => store.exists(...args),
    streams: async (...args) => store.streams(...args),
    verifyIntegrity: async (...args) => store.verifyIntegrity(...args),
    health: async (...args) => store.health(...args),
    close: async () => store.close(),
    openForWriting: async () => {
      await store.close();
      store = await openWriter();
    },
  };
}
