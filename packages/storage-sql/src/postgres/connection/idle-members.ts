/** Something that is kept for a while and can be ended. */
export interface Idle {
  readonly end: () => void;
}

/** What nobody uses now. */
export interface IdleMembers<M extends Idle> {
  /** The one that was used last; `undefined` when there is none. */
  take(): M | undefined;
  /** Keeps one until it is taken or its time is over; after `close` it is ended at once. */
  add(member: M): void;
  /** Forgets one that ended by itself. */
  remove(member: M): void;
  /** Ends all of them. */
  close(): void;
}

/**
 * Creates an empty set. Those that were not taken for `idleTimeoutMs` are ended, up to half of that later: one timer serves all,
 * because a timer for each use would cost more than what it is for.
 */
export function createIdleMembers<M extends Idle>(idleTimeoutMs: number): IdleMembers<M> {
  /** The one used longest ago stands first. */
  const members: { readonly member: M; readonly since: number }[] = [];
  let sweep: NodeJS.Timeout | undefined;
  let isClosed = false;

  const endOld = () => {
    const before = performance.now() - idleTimeoutMs;
    while (members[0] !== undefined && members[0].since <= before) {
      members.shift()?.member.end();
    }
    sweep = members.length === 0 ? undefined : setTimeout(endOld, idleTimeoutMs / 2);
  };
  return {
    take: () => members.pop()?.member,
    add: (member) => {
      if (isClosed) {
        member.end();
        return;
      }
      members.push({ member, since: performance.now() });
      sweep ??= setTimeout(endOld, idleTimeoutMs / 2);
    },
    remove: (member) => {
      const place = members.findIndex((one) => one.member === member);
      if (place >= 0) {
        members.splice(place, 1);
      }
    },
    close: () => {
      isClosed = true;
      clearTimeout(sweep);
      members.splice(0).forEach(({ member }) => member.end());
    },
  };
}
