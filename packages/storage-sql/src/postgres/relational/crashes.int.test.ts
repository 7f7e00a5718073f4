import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { StorageError } from '@sorcha/storage';
import { startPostgres } from '@sorcha/test-servers';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { moveOnce, readMoves } from '../../testing/move-once.ts';
import { openAccountStore } from '../../testing/open-account-store.ts';

const CYCLES = Number(process.env['SORCHA_TEST_CYCLES'] ?? 100);
const program = fileURLToPath(new URL('../../testing/transfer-from-process.ts', import.meta.url));
const argumentsOf = (...rest: string[]) => ['--conditions=sorcha-source', program, ...rest];
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

/** Runs the program until it has acknowledged `moves` more moves, kills it, and returns the last move it acknowledged. */
async function killAfter(url: string, moves: number): Promise<number> {
  const child = spawn(process.execPath, argumentsOf(url, 'w'), { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    output += chunk;
    if (output.split('\n').length > moves) {
      child.kill('SIGKILL');
    }
  });
  await once(child, 'close');
  expect(child.signalCode).toBe('SIGKILL');
  return Number(output.trimEnd().split('\n').at(-1));
}

test('after each of 15 kills of the client amid transactions, all that was acknowledged is there and nothing in part', async () => {
  const url = await server.createDatabase();
  const store = await openAccountStore(url);
  onTestFinished(async () => store.close());
  for (let cycle = 0; cycle < 15; cycle += 1) {
    const acknowledged = await killAfter(url, 1 + ((cycle * 7) % 20));
    const { a, b, notes } = await readMoves(store, 'w-');
    expect(notes.length).toBeGreaterThan(acknowledged);
    // At most the one move that was under way may be there without its acknowledgement.
    expect(notes.length).toBeLessThanOrEqual(acknowledged + 2);
    expect([a, a + b]).toEqual([notes.length, 0]);
  }
});

test('three processes that create one schema and write at once lose no move', async () => {
  const url = await server.createDatabase();
  const writers = ['x', 'y', 'z'];
  const run = async (writer: string) => promisify(execFile)(process.execPath, argumentsOf(url, writer, '40'));
  await Promise.all(writers.map(run));
  const store = await openAccountStore(url);
  onTestFinished(async () => store.close());
  for (const writer of writers) {
    const { a, b, notes } = await readMoves(store, `${writer}-`);
    expect({ a, b, notes: notes.length }).toEqual({ a: 120, b: -120, notes: 40 });
  }
});
