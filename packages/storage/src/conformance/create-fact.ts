import type { OpenedStore } from './opened-store.ts';
import type { SuiteRunner } from './suite-runner.ts';

/** Declares one fact about a store: a test that is given a fresh one. */
export type Fact<O> = (name: string, check: (opened: O) => Promise<void>) => void;

/** Creates the function that declares facts; each opens its own store and closes it at its end, also when it fails. */
export function createFact<O extends OpenedStore<{ close(): Promise<void> }>>(
  runner: SuiteRunner,
  open: () => Promise<O>,
): Fact<O> {
  return (name, check) => {
    runner.it(name, async () => {
      const opened = await open();
      try {
        await check(opened);
      } finally {
        try {
          await opened.store.close();
        } finally {
          await opened.dispose?.();
        }
      }
    });
  };
}
