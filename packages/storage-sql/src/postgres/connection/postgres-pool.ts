import type { CallOptions } from '@sorcha/storage';
import { waitWithSignal } from '@sorcha/storage/provider';
import { createBackendCanceller } from './backend-canceller.ts';
import { connectMember, type MemberEnds, type PoolMember } from './connect-member.ts';
import { createConnectionSlots } from './connection-slots.ts';
import { createIdleMembers } from './idle-members.ts';
import { createConnection, type PostgresConnection } from './postgres-connection.ts';
import type { CheckedPostgresOptions } from './postgres-options.ts';
import { createStatementNames } from './statement-names.ts';

/** Connections to one database. */
export interface PostgresPool {
  /** Takes a connection that nobody uses; `undefined` when there is none. */
  tryAcquire(): PostgresConnection | undefined;
  /**
   * Takes a connection for one call, which must release it. `TIMEOUT` when none becomes free, `UNAVAILABLE` when none can be made,
   * `INCOMPATIBLE_SERVER`.
   */
  acquire(options: CallOptions | undefined): Promise<PostgresConnection>;
  /** Ends all connections; those in use when they are released. */
  close(): Promise<void>;
}

/** How much later than the server the client gives up, so that the server's answer is heard. */
const ANSWER_GRACE_MS = 5_000;

/**
 * Creates a pool; it connects when it is first asked. The pool of the driver is not used: it cannot be waited for with a signal,
 * and tells a full pool from an absent server by the words of its errors only.
 */
export function createPostgresPool(options: CheckedPostgresOptions): PostgresPool {
  const { place, max, idleTimeoutMs, acquireTimeoutMs, statementTimeoutMs } = options;
  const slots = createConnectionSlots(max, acquireTimeoutMs, place);
  const canceller = createBackendCanceller(options.client);
  const names = createStatementNames();
  const idle = createIdleMembers<PoolMember>(idleTimeoutMs);
  const ending = new Set<Promise<unknown>>();
  const answerTimeoutMs = statementTimeoutMs + ANSWER_GRACE_MS;

  const ends: MemberEnds = {
    onEnd: (member) => idle.remove(member),
    track: (ended) => {
      ending.add(ended);
      void ended.finally(() => ending.delete(ended));
    },
  };
  const handOut = (member: PoolMember): PostgresConnection =>
    createConnection({
      member,
      place,
      canceller,
      answerTimeoutMs,
      onRelease: (isReusable) => {
        if (isReusable) {
          idle.add(member);
        } else {
          member.end();
        }
        slots.give();
      },
    });
  return {
    tryAcquire: () => {
      if (!slots.tryTake()) {
        return undefined;
      }
      const member = idle.take();
      if (member === undefined) {
        slots.give();
        return undefined;
      }
      return handOut(member);
    },
    acquire: async (call) => {
      if (!slots.tryTake()) {
        await slots.wait(call);
      }
      const member = idle.take();
      if (member !== undefined) {
        return handOut(member);
      }
      const connecting = connectMember(options, names, ends);
      try {
        return handOut(await waitWithSignal(connecting, call?.signal));
      } catch (error) {
        // Who gave up leaves the connection to others, once it is made.
        void connecting
          .then((late) => idle.add(late))
          .catch(() => undefined)
          .finally(() => slots.give());
        throw error;
      }
    },
    close: async () => {
      await canceller.close();
      idle.close();
      await Promise.all(ending);
    },
  };
}
