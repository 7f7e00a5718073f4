/** Why a call ended before its answer came. */
export class CallEnded extends Error {
  override readonly name = 'CallEnded';
  readonly reason: 'deadline' | 'signal';

  constructor(reason: 'deadline' | 'signal', message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

/** When the wait for a call ends, and who is told. */
export interface Deadline {
  readonly timeoutMs: number;
  /** The caller's. */
  readonly signal: AbortSignal | undefined;
  /** Told by the signal that `work` is given when the wait has ended; without it only the wait ends. */
  readonly controller: AbortController | undefined;
}

/** Waits for `work`, but no longer than to its deadline or until the caller's signal fires: {@link CallEnded}. */
export async function withDeadline<T>(work: () => Promise<T>, { timeoutMs, signal, controller }: Deadline): Promise<T> {
  const ended = Promise.withResolvers<never>();
  const end = (reason: CallEnded) => {
    ended.reject(reason);
    controller?.abort(reason);
  };
  const onAbort = () =>
    end(new CallEnded('signal', 'The signal of the call fired while it was running', signal?.reason));
  const timer = setTimeout(() => {
    end(new CallEnded('deadline', `The call took longer than ${timeoutMs} ms (timeoutMs)`));
  }, timeoutMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(), ended.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
