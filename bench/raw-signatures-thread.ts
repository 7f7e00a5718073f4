/** A thread that verifies signatures over and over and does nothing else: what no verification can be faster than. */
import { parentPort, workerData } from 'node:worker_threads';
import { parseTransactionRecord } from '@sorcha/register';
import { z } from 'zod';
import { toBareVerification } from '../apps/cli/src/verification/to-bare-verification.ts';

const records = z.array(z.string()).parse(workerData);
const calls = records.flatMap((record) => {
  const transaction = parseTransactionRecord(Buffer.from(record)).value;
  return (transaction && toBareVerification(transaction)) ?? [];
});
parentPort?.on('message', (message: unknown) => {
  const count = z.number().parse(message);
  for (let index = 0; index < count; index += 1) {
    if (calls[index % calls.length]?.() !== true) throw new Error('Every signature must verify.');
  }
  parentPort?.postMessage('done');
});
parentPort?.postMessage('ready');
