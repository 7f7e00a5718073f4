import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chooseSeed, createRandom, createTemporaryFolder } from '@sorcha/storage/testing';
import { startPostgres } from '@sorcha/test-servers';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { readMoves } from '../testing/move-once.ts';
import { openAccountStore } from '../testing/open-account-store.ts';

const CYCLES = Number(process.env['SORCHA_TEST_CYCLES'] ?? 100);
/** So many databases at once, because most of the time goes by while a process starts. */
const LANES = 4;
const program = fileURLToPath(new URL('../testing/transfer-from-process.ts', import.meta.url));
const argumentsOf = (...rest: string[]) => ['--conditions=sorcha-source', program, ...rest];
const server = await startPostgres({ onEnd: afterAll });

/** What starts the program. The programs share their compiled code, so that all but the first start fast. */
async function createPrograms(create: () => Promise<string>) {
  const folder = await createTemporaryFolder(onTestFinished);
  const env = { ...process.env, NODE_COMPILE_CACHE: folder };
  /** Kills the program a while after it has acknowledged some more moves; returns the last one that it acknowledged. */
  const killAfter = async (
    target: string,
    { moves, afterMs }: { readonly moves: number; readonly afterMs: number },
  ) => {
    const child = spawn(process.execPath, argumentsOf(target, 'w'), { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const closed = once(child, 'close');
    let output = '';
    let killed: Promise<void> | undefined;
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      output += chunk;
      if (output.split('\n').length > moves) {
        killed ??= wait(afterMs).then(() => void child.kill('SIGKILL'));
      }
    });
    await closed;
    expect(child.signalCode).toBe('SIGKILL');
    return Number(output.trimEnd().split('\n').at(-1));
  };
  const run = async (...rest: string[]) => promisify(execFile)(process.execPath, argumentsOf(...rest), { env });
  // Only a program that ends by itself leaves its code behind.
  await run(await create(), 'first', '1');
  return { killAfter, run };
}

/** What is in a database that nobody else has open. */
async function look(target: string, prefix: string) {
  const store = await openAccountStore(target);
  try {
    return await readMoves(store, prefix);
  } finally {
    await store.close();
  }
}

describe.each([
  ['sqlite', async () => join(await createTemporaryFolder(onTestFinished), 'warm.sqlite')],
  ['postgres', async () => server.createDatabase()],
])('%s', (name, create) => {
  test(`after each of ${CYCLES} kills of the client amid transactions, all that was acknowledged is there and nothing in part`, async () => {
    const random = createRandom(chooseSeed(`kills on ${name}`));
    const { killAfter } = await createPrograms(create);
    const runLane = async (cycles: number) => {
      const target = await create();
      for (let cycle = 0; cycle < cycles; cycle += 1) {
        const acknowledged = await killAfter(target, { moves: 1 + Math.floor(random() * 4), afterMs: random() * 5 });
        const { a, b, notes } = await look(target, 'w-');
        expect(notes.length).toBeGreaterThan(acknowledged);
        // At most the one move that was under way may be there without its acknowledgement.
        expect(notes.length).toBeLessThanOrEqual(acknowledged + 2);
        expect([a, b]).toEqual([notes.length, -notes.length]);
      }
    };
    await Promise.all(Array.from({ length: LANES }, async () => runLane(Math.ceil(CYCLES / LANES))));
  }, 120_000);

  test('three processes that create one database and write at once lose no move', async () => {
    const target = await create();
    const { run } = await createPrograms(create);
    const writers = ['x', 'y', 'z'];
    await Promise.all(writers.map(async (writer) => run(target, writer, '40')));
    for (const writer of writers) {
      const { a, b, notes } = await look(target, `${writer}-`);
      expect({ a, b, notes: notes.length }).toEqual({ a: 120, b: -120, notes: 40 });
    }
  });
});
