import { parentPort, workerData } from 'node:worker_threads';
import type { WormStore } from '@sorcha/storage';
import { listBuffers } from '../verification/docket-columns.ts';
import { checkRange } from './check-range.ts';
import { openColdSource } from './cold-source.ts';
import type { FromThread, Piece, ThreadOptions, ToThread } from './thread-messages.ts';

// A thread by itself: `startThread` starts it and speaks with it.
const port = parentPort;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- who starts the thread hands in nothing else
const { source, registerId } = workerData as ThreadOptions;

function tell(message: FromThread, buffers: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, [...buffers]);
}

function fail(error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  tell({ kind: 'failed', name, code, message });
}

async function check(cold: WormStore<string>, { number, from, to, known }: Piece): Promise<void> {
  const { table, signatures, hasUnreadable, checkMs } = await checkRange(cold, { registerId, from, to, known });
  const columns = table.toColumns();
  tell({ kind: 'checked', number, to, columns, signatures, hasUnreadable, checkMs }, listBuffers(columns));
}

async function serve(): Promise<void> {
  const cold = await openColdSource(source);
  // One piece after the other, in the order in which they came.
  let last: Promise<void> = Promise.resolve();
  port?.on('message', (message: ToThread) => {
    last = last
      .then(async () => (message === 'end' ? cold.close().finally(() => port.close()) : check(cold, message)))
      .catch(fail);
  });
  tell({ kind: 'ready' });
}

// Not awaited at the top: a thread that is ended while it waits there takes the whole process with it.
serve().catch(fail);
