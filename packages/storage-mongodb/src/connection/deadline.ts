/** Why a call ended before its answer came. */
export class CallEnded extends Error {
  override readonly name = 'CallEnded';
  readonly reason: 'deadline' | 'signal';

  constructor(reason: 'deadline' | 'signal', message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

/** When a call ends, whatever it is at: its commands share one deadline and one signal. */
export interface CallEnd {
  /** How long it was given. */
  readonly timeoutMs: number;
  /** On the clock of `performance.now()`. */
  readonly endsAt: number;
  /** The caller's. */
  readonly signal: AbortSignal | undefined;
}

/** The time that is left of a call, in whole milliseconds from 1. {@link CallEnded} when it is over. */
export function timeLeft({ timeoutMs, endsAt, signal }: CallEnd): number {
  if (signal?.aborted === true) {
    throw toAborted(signal);
  }
  const left = endsAt - performance.now();
  if (left <= 0) {
    throw toLate(timeoutMs);
  }
  return Math.ceil(left);
}

/**
 * Waits for `work`, but no longer than to the end of the call: {@link CallEnded}.
 *
 * @param onEnd is told of the end first.
 */
export async function withDeadline<T>(
  work: () => Promise<T>,
  end: CallEnd,
  onEnd?: (reason: CallEnded) => void,
): Promise<T> {
  const { signal, timeoutMs } = end;
  const waitMs = timeLeft(end);
  const answer = Promise.withResolvers<T>();
  const giveUp = (reason: CallEnded) => {
    onEnd?.(reason);
    answer.reject(reason);
  };
  const onAbort = () => giveUp(toAborted(signal));
  const timer = setTimeout(() => giveUp(toLate(timeoutMs)), waitMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  work().then(answer.resolve, answer.reject);
  try {
    return await answer.promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

function toAborted(signal: AbortSignal | undefined): CallEnded {
  return new CallEnded('signal', 'The signal of the call fired while it was running', signal?.reason);
}

function toLate(timeoutMs: number): CallEnded {
  return new CallEnded('deadline', `The call took longer than ${timeoutMs} ms (timeoutMs)`);
}
