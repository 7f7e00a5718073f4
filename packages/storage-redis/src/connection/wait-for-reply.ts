import { toLateError } from './to-storage-error.ts';

/** Ends the wait for a reply when the signal fires before it. */
export async function waitForReply(reply: Promise<unknown>, isWrite: boolean, signal: AbortSignal): Promise<unknown> {
  const fired = Promise.withResolvers<never>();
  const onAbort = () => {
    fired.reject(toLateError('The signal of the call fired before the reply came', isWrite, signal.reason));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) {
    onAbort();
  }
  try {
    return await Promise.race([reply, fired.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
