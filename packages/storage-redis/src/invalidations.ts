import type { InvalidationListener } from '@sorcha/storage';
import type { KeySpace } from './key-space.ts';
import type { Router } from './routing/router.ts';

/** How often a silent connection is asked whether it still works, and a cluster for its map, in milliseconds. */
const HEARTBEAT_MS = 1_000;

/** Tells listeners what the servers report as changed. */
export interface Invalidations {
  listen(listener: InvalidationListener): () => void;
  /** To be told of each key that a server reports; `undefined` for all. */
  readonly onChange: (storedKey: string | undefined) => void;
  /** To be told when a link or the map of a cluster changed. */
  readonly onStatus: () => void;
  close(): void;
}

/**
 * Creates the channel of changes. It is up while every server that has keys tells changes; servers are asked for them as
 * long as somebody listens (`CLIENT TRACKING ON BCAST`, over the connections that also carry the data: what comes before a
 * reply happened before it, and our own changes are left out).
 */
export function createInvalidations(keySpace: KeySpace, findRouter: () => Router | undefined): Invalidations {
  const audience = createAudience();
  const batch = createBatch((keys) => audience.tell(({ onChange }) => onChange(keys)));
  const channel = { isUp: false, heartbeat: undefined as NodeJS.Timeout | undefined };
  const masters = () => findRouter()?.masters() ?? [];
  const update = () => {
    const links = audience.isEmpty() ? [] : masters();
    for (const link of links) {
      if (link.status === 'up' && !link.isTracking) {
        link.track(keySpace.start);
      }
    }
    const isComplete = findRouter()?.isComplete === true;
    turn(isComplete && links.length > 0 && links.every((link) => link.isTracking));
  };
  const turn = (isUp: boolean) => {
    if (channel.isUp !== isUp) {
      channel.isUp = isUp;
      audience.tell(({ onChannel }) => onChannel(isUp));
    }
  };
  const beat = () => {
    void findRouter()?.refresh().then(update);
    for (const link of masters()) {
      link.send(['PING'], { isWrite: false }).catch(() => undefined);
    }
  };
  const stop = () => {
    clearInterval(channel.heartbeat);
    channel.heartbeat = undefined;
  };
  return {
    onStatus: update,
    onChange: (storedKey) => {
      const key = storedKey === undefined ? 'all' : keySpace.toKey(storedKey);
      if (key !== undefined && !audience.isEmpty()) {
        batch.add(storedKey === undefined ? undefined : key);
      }
    },
    listen: (listener) => {
      const leave = audience.join(listener);
      channel.heartbeat ??= setInterval(beat, HEARTBEAT_MS).unref();
      listener.onChannel(channel.isUp);
      update();
      return () => {
        leave();
        if (audience.isEmpty() && channel.heartbeat !== undefined) {
          stop();
          channel.isUp = false;
          masters().map((link) => link.untrack());
        }
      };
    },
    close: () => {
      stop();
      turn(false);
      audience.clear();
    },
  };
}

/** Those who listen. One that throws must not keep the others from hearing. */
function createAudience() {
  const members = new Set<{ readonly listener: InvalidationListener }>();
  return {
    isEmpty: () => members.size === 0,
    join: (listener: InvalidationListener) => {
      const member = { listener };
      members.add(member);
      return () => {
        members.delete(member);
      };
    },
    tell: (say: (listener: InvalidationListener) => void) => {
      for (const { listener } of members) {
        try {
          say(listener);
        } catch {
          // Its own fault.
        }
      }
    },
    clear: () => members.clear(),
  };
}

/** Gathers the keys that arrive together. */
function createBatch(flush: (keys: readonly string[] | 'all') => void) {
  let keys: Set<string> | undefined;
  let isAll = false;
  return {
    /** Adds a key; `undefined` for all. */
    add: (key: string | undefined) => {
      isAll ||= key === undefined;
      if (keys === undefined) {
        keys = new Set();
        queueMicrotask(() => {
          const gathered = isAll ? 'all' : [...(keys ?? [])];
          keys = undefined;
          isAll = false;
          flush(gathered);
        });
      }
      if (key !== undefined) {
        keys.add(key);
      }
    },
  };
}
