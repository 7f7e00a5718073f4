/**
 * A program for tests: reads a write-once stream from its start to its end, checks every seal, and prints how much that was and the
 * most memory that the process ever had, in bytes. With `--expose-gc` it sweeps often, so that this is what is needed, not what was
 * let lie.
 *
 * Arguments: the name of the stream. The configuration is in the environment.
 */
import { createStorageSchema, loadConfig, openStorage } from '@sorcha/service-kit';
import { defineWorm, isWormRecordIntact } from '@sorcha/storage';
import { z } from 'zod';

const [stream = ''] = process.argv.slice(2);
const blob = defineWorm({ name: 'blob', schema: z.string() });
const { storage } = await loadConfig(z.strictObject({ storage: createStorageSchema().prefault({}) }));
const { stores, close } = await openStorage(storage, (open) => ({ blobs: open.worm(blob) }));
const SWEEP_EVERY = 250;
let [count, bytes, damaged] = [0, 0, 0];
for await (const record of stores.blobs.range(stream, 0, Number.MAX_SAFE_INTEGER)) {
  count += 1;
  bytes += record.bytes.length;
  damaged += Number(!isWormRecordIntact(record));
  if (count % SWEEP_EVERY === 0) {
    globalThis.gc?.();
  }
}
await close();
process.stdout.write(JSON.stringify({ count, bytes, damaged, peakBytes: process.resourceUsage().maxRSS * 1024 }));
