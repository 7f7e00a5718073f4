/**
 * A program for tests: asks for one key many times at once when it is told to, and answers with the values that it got. Each call of
 * the factory is noted in a file that all processes share.
 *
 * Arguments: how many calls, the file of notes. Messages: the key and how long its factory takes in milliseconds, or `end`. The
 * configuration is in the environment.
 */
import { appendFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createStorageSchema, loadConfig, openStorage } from '@sorcha/service-kit';
import { z } from 'zod';

const [calls = '0', notes = ''] = process.argv.slice(2);
const orderSchema = z.object({ key: z.string(), factoryMs: z.number() });
type Order = z.output<typeof orderSchema>;
const { storage } = await loadConfig(z.strictObject({ storage: createStorageSchema().prefault({}) }));
const { stores, close } = await openStorage(storage, (open) => ({ cache: open.cache() }));

async function make({ key, factoryMs }: Order) {
  await appendFile(notes, `${key} ${process.pid}\n`);
  await sleep(factoryMs);
  return { key, madeBy: process.pid };
}

async function rush(order: Order): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: Number(calls) }, async () => stores.cache.getOrSet(order.key, async () => make(order))),
  );
  process.send?.({ count: answers.length, makers: [...new Set(answers.map(({ madeBy }) => madeBy))] });
}

process.on('message', (message) => {
  if (message === 'end') {
    void close().then(() => process.disconnect());
  } else {
    void rush(orderSchema.parse(message));
  }
});
process.send?.('ready');
