import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Docket } from '@sorcha/register';

const SAMPLE = 2_000;

/** Threads that verify signatures and nothing else. */
export interface RawThreads {
  /** Verifies so many signatures, divided among all threads. */
  run(signatures: number): Promise<void>;
  end(): Promise<void>;
}

/** Starts so many threads and waits until they are ready. They verify a sample of the signatures in some dockets. */
export async function startRawThreads(dockets: readonly Docket[], threads: number): Promise<RawThreads> {
  const all = dockets.flatMap(({ transactions }) => transactions);
  const step = Math.max(1, Math.floor(all.length / SAMPLE));
  const records = all.filter((_, index) => index % step === 0).map(({ record }) => Buffer.from(record).toString());
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL('./raw-signatures-thread.ts', import.meta.url), { workerData: records }),
  );
  await Promise.all(workers.map(async (worker) => once(worker, 'message')));
  return {
    run: async (signatures) => {
      await Promise.all(
        workers.map(async (worker) => {
          const done = once(worker, 'message');
          worker.postMessage(Math.ceil(signatures / threads));
          await done;
        }),
      );
    },
    end: async () => {
      await Promise.all(workers.map(async (worker) => worker.terminate()));
    },
  };
}
