import { setTimeout as wait } from 'node:timers/promises';
import { StorageError } from '@sorcha/storage';
import { startPostgres } from '@sorcha/test-servers';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { moveOnce, readMoves } from '../../testing/move-once.ts';
import { openAccountStore } from '../../testing/open-account-store.ts';

const CYCLES = Number(process.env['SORCHA_TEST_CYCLES'] ?? 100);
const server = await startPostgres({ onEnd: afterAll, faults: true });

test(`after each of ${CYCLES} kills of the server amid commits, all that was acknowledged is there and nothing in part`, async () => {
  const store = await openAccountStore(await server.createDatabase());
  onTestFinished(async () => store.close());
  const acknowledged = new Set<string>();
  const unknown = new Set<string>();
  let next = 0;
  for (let cycle = 0; cycle < CYCLES; cycle += 1) {
    const work = async (): Promise<void> => {
      for (;;) {
        const name = `w-${next}`;
        next += 1;
        try {
          await moveOnce(store, name);
          acknowledged.add(name);
        } catch (error) {
          if (
            !(error instanceof StorageError) ||
            !['UNAVAILABLE', 'OUTCOME_UNKNOWN', 'VERSION_CONFLICT'].includes(error.code)
          ) {
            throw error;
          }
          if (error.code === 'OUTCOME_UNKNOWN') {
            unknown.add(name);
          }
          if (error.code !== 'VERSION_CONFLICT') {
            return;
          }
        }
      }
    };
    const workers = Promise.all([work(), work(), work()]);
    await wait(5 + ((cycle * 37) % 60));
    await server.kill();
    await workers;
    await server.restart();
    const { a, b, notes } = await readMoves(store, 'w-');
    expect([a, a + b]).toEqual([notes.length, 0]);
    expect([...acknowledged].filter((name) => !notes.includes(name))).toEqual([]);
    expect(notes.filter((name) => !acknowledged.has(name) && !unknown.has(name))).toEqual([]);
  }
  expect(acknowledged.size).toBeGreaterThan(CYCLES);
}, 600_000);
