import type { OpenedDurableStore } from './opened-store.ts';

/** Opens the data of a durable store again, checks it and closes what was opened. */
export async function checkReopened<S extends { close(): Promise<void> }>(
  opened: OpenedDurableStore<S>,
  check: (store: S) => Promise<void>,
): Promise<void> {
  const store = await opened.reopen();
  try {
    await check(store);
  } finally {
    await store.close();
  }
}
