import { setTimeout as sleep } from 'node:timers/promises';

const ASK_EVERY_MS = 10;

/** Waits until something is so; fails when it is not within `withinMs` milliseconds. Returns how long it took. */
export async function waitUntil(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  withinMs = 20_000,
): Promise<number> {
  const startedAt = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startedAt > withinMs) {
      throw new Error(`Not within ${withinMs} ms: ${what}`);
    }
    await sleep(ASK_EVERY_MS);
  }
  return performance.now() - startedAt;
}
