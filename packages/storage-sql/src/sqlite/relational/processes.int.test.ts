import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { expect, onTestFinished, test } from 'vitest';
import { account } from '../../testing/account.ts';
import { openSqliteRelationalStore } from './open-sqlite-relational-store.ts';

const program = fileURLToPath(new URL('../../testing/transfer-from-process.ts', import.meta.url));
const argumentsOf = (...rest: string[]) => ['--conditions=sorcha-source', program, ...rest];

/** The balance of both accounts and the number of moves that are noted for a writer. */
async function readMoves(file: string, writer: string) {
  const store = await openSqliteRelationalStore({ file, entities: [account] });
  try {
    const accounts = store.repository(account);
    const [a, b] = [await accounts.get('a'), await accounts.get('b')];
    const notes = await accounts.find({ id: { $startsWith: `${writer}-` } });
    return { a: a?.amount ?? 0, b: b?.amount ?? 0, notes: notes.map(({ id }) => id) };
  } finally {
    await store.close();
  }
}

/** Runs the program until it has acknowledged `moves` more moves, kills it, and returns the last move it acknowledged. */
async function killAfter(file: string, moves: number): Promise<number> {
  const child = spawn(process.execPath, argumentsOf(file, 'w'), { stdio: ['ignore', 'pipe', 'inherit'] });
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

test('after each of 15 kills amid transactions, all that was acknowledged is there and nothing in part', async () => {
  const file = join(await createTemporaryFolder(onTestFinished), 'warm.sqlite');
  for (let cycle = 0; cycle < 15; cycle += 1) {
    const acknowledged = await killAfter(file, 1 + ((cycle * 7) % 20));
    const { a, b, notes } = await readMoves(file, 'w');
    expect(notes.length).toBeGreaterThan(acknowledged);
    // At most the one move that was under way may be there without its acknowledgement.
    expect(notes.length).toBeLessThanOrEqual(acknowledged + 2);
    expect({ a, b }).toEqual({ a: notes.length, b: -notes.length });
  }
});

test('three processes that create one file and write at once lose no move', async () => {
  const file = join(await createTemporaryFolder(onTestFinished), 'warm.sqlite');
  const writers = ['x', 'y', 'z'];
  await Promise.all(
    writers.map(async (writer) => promisify(execFile)(process.execPath, argumentsOf(file, writer, '40'))),
  );
  for (const writer of writers) {
    const { a, b, notes } = await readMoves(file, writer);
    expect({ a, b, notes: notes.length }).toEqual({ a: 120, b: -120, notes: 40 });
  }
});
