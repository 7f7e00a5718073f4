import type { MongoClient } from 'mongodb';

/** Tells from when to when a server was known that takes writes. */
export interface PrimaryWatch {
  /** Begins to watch for a call. */
  mark(): PrimaryMark;
}

/** What was known of the servers since a call began. */
export interface PrimaryMark {
  /** Whether there was, at any time since, a server to send a write to. */
  wasKnown(): boolean;
  /** Whether such a server came or went since. */
  hasChanged(): boolean;
}

/**
 * Watches what the driver knows of the servers. It sends a write whose answer was lost a second time; when that fails for want
 * of a server or a connection, its error is the same as that of a write that was never sent. But then the server has gone.
 */
export function watchPrimary(client: MongoClient): PrimaryWatch {
  let isKnown = false;
  let changes = 0;
  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    const isKnownNow = [...newDescription.servers.values()].some((server) => server.isWritable);
    changes += isKnownNow === isKnown ? 0 : 1;
    isKnown = isKnownNow;
  });
  return {
    mark: () => {
      const [wasKnown, before] = [isKnown, changes];
      return { wasKnown: () => wasKnown || changes !== before, hasChanged: () => changes !== before };
    },
  };
}
