import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createStorageSchema, loadConfig, openStorage } from '@sorcha/service-kit';
import { defineWorm } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { startMongo, startPostgres } from '@sorcha/test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

const PROGRAM = join(import.meta.dirname, 'read-stream-program.ts');
const MEBIBYTE = 2 ** 20;
const RECORD_BYTES = 16 * 1024;
const SHORT = 64;
const LONG = 8_000;
const BATCH = 250;
/** How much more memory the long stream may take than the short one, of 1 MiB: some batches on their way. */
const MORE_BYTES = 64 * MEBIBYTE;

const blob = defineWorm({ name: 'blob', schema: z.string() });
const answerSchema = z.object({ count: z.number(), bytes: z.number(), damaged: z.number(), peakBytes: z.number() });

const providers = {
  sqlite: async () => ({ FILE: join(await createTemporaryFolder(onTestFinished), 'cold.sqlite') }),
  postgres: async () => ({ URL: await (await startPostgres({ onEnd: onTestFinished })).createDatabase() }),
  mongodb: async () => ({ URL: await (await startMongo({ onEnd: onTestFinished })).createDatabase() }),
};

/** Writes two streams, which differ in their length only. */
async function writeStreams(environment: Readonly<Record<string, string>>): Promise<void> {
  const { storage } = await loadConfig(z.strictObject({ storage: createStorageSchema().prefault({}) }), {
    environment,
  });
  const { stores, close } = await openStorage(storage, (open) => ({ blobs: open.worm(blob) }));
  for (const [stream, length] of [
    ['short', SHORT],
    ['long', LONG],
  ] as const) {
    for (let first = 0; first < length; first += BATCH) {
      const records = Array.from({ length: Math.min(BATCH, length - first) }, (_, index) =>
        `${first + index} `.padEnd(RECORD_BYTES - 2, 'x'),
      );
      await stores.blobs.appendBatch(stream, first, records);
    }
  }
  await close();
}

async function readStream(stream: string, environment: Readonly<Record<string, string>>) {
  const args = ['--expose-gc', '--conditions=sorcha-source', '--disable-warning=ExperimentalWarning', PROGRAM, stream];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { PATH: process.env['PATH'], ...environment },
  });
  return answerSchema.parse(JSON.parse(stdout));
}

describe('a write-once stream of 125 MiB (FR-031)', () => {
  it.each(Object.entries(providers))(
    'is read on %s in the memory that a short one takes',
    async (provider, prepare) => {
      const settings = Object.entries({ PROVIDER: provider, ...(await prepare()) });
      const environment = Object.fromEntries(
        settings.map(([name, value]) => [`SORCHA__STORAGE__COLD__${name}`, value]),
      );
      await writeStreams(environment);
      const short = await readStream('short', environment);
      const startedAt = performance.now();
      const long = await readStream('long', environment);
      const seconds = (performance.now() - startedAt) / 1_000;
      const [shortPeak, longPeak] = [short, long].map(({ peakBytes }) => (peakBytes / MEBIBYTE).toFixed(0));
      process.stderr.write(
        `long stream: ${provider}: ${(long.bytes / MEBIBYTE).toFixed(0)} MiB in ${seconds.toFixed(1)} s, ` +
          `peak memory of the process ${longPeak} MiB; with 1 MiB ${shortPeak} MiB\n`,
      );
      expect(short).toMatchObject({ count: SHORT, bytes: SHORT * RECORD_BYTES, damaged: 0 });
      expect(long).toMatchObject({ count: LONG, bytes: LONG * RECORD_BYTES, damaged: 0 });
      expect(long.bytes).toBeGreaterThan(100_000_000);
      expect(long.peakBytes - short.peakBytes).toBeLessThan(MORE_BYTES);
    },
  );
});
