import { execFile } from 'node:child_process';
import { chmod, cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  createNodeIdentity,
  type Docket,
  docketWorm,
  openFileAnchorStore,
  parseNodeIdentity,
  toNodeIdentityText,
  toTrustedNode,
  verifyRegister,
} from '@sorcha/register';
import { createTestLedger } from '@sorcha/register/testing';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { openSqliteWormStore } from '@sorcha/storage-sql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openRegisterFolder } from './open-register-folder.ts';

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, 'seal-from-process.ts');

async function prepare(sealed = 0) {
  const folder = await createTemporaryFolder(onTestFinished);
  await writeFile(join(folder, 'node.json'), toNodeIdentityText(await createNodeIdentity('node.test')));
  const ledger = { registerId: 'main', dockets: 6, transactionsPerDocket: 2, mix: ['ed25519', 'p-256'] as const };
  const dockets = await Array.fromAsync(createTestLedger(ledger));
  const { register, close } = await openRegisterFolder(folder);
  await register.append(dockets.slice(0, sealed).map(({ record }) => record));
  await close();
  return { folder, dockets };
}

/** Does what a writer does that crashes behind a step of appending one docket. */
async function crash(folder: string, docket: Docket | undefined, step: 'announced' | 'stored'): Promise<void> {
  if (docket === undefined) throw new RangeError('no such docket');
  const { header, hash, record } = docket;
  await openFileAnchorStore({ folder: join(folder, 'anchors') }).announce('main', header.height, [hash]);
  if (step === 'stored') {
    const cold = await openSqliteWormStore({ file: join(folder, 'cold.sqlite'), definition: docketWorm });
    await cold.append('main', header.height, Buffer.from(record).toString());
    await cold.close();
  }
}

describe('a register in files', () => {
  it.each([0, 3])('goes on after a crash behind any step of appending docket %i', async (sealed) => {
    const { folder, dockets } = await prepare(sealed);
    await crash(folder, dockets[sealed], 'announced');
    const first = await openRegisterFolder(folder);
    expect(first.register).toMatchObject({ state: 'Healthy', size: sealed });
    await first.close();
    await crash(folder, dockets[sealed], 'stored');
    const second = await openRegisterFolder(folder);
    expect(second.register.report).toMatchObject({ state: 'Healthy', anchor: 'extended', totalDockets: sealed + 1 });
    expect((await second.register.docket(sealed))?.hash).toBe(dockets[sealed]?.hash);
    await second.close();
    const third = await openRegisterFolder(folder);
    expect(third.register.report).toMatchObject({ state: 'Healthy', anchor: 'matched', totalDockets: sealed + 1 });
    await third.close();
  });

  it('shows every loss of a file beside it', async () => {
    const { folder } = await prepare(4);
    const losses = [
      ['cold.sqlite', 'Degraded', 'damaged', ['MissingData']],
      [join('anchors', 'main', 'hashes'), 'Healthy', 'matched', []],
      ['anchors', 'Degraded', 'absent', []],
    ] as const;
    for (const [file, state, anchor, kinds] of losses) {
      const copy = await createTemporaryFolder(onTestFinished);
      await cp(folder, copy, { recursive: true });
      await rm(join(copy, file), { recursive: true });
      const { register, close } = await openRegisterFolder(copy);
      expect(register.report).toMatchObject({ state, anchor });
      expect(register.ranges().map(({ kind }) => kind)).toEqual(kinds);
      await close();
    }
  });

  it('is verified in a folder that must not be written', async () => {
    const { folder, dockets } = await prepare(4);
    await crash(folder, dockets[4], 'stored');
    await chmod(join(folder, 'cold.sqlite'), 0o444);
    const node = toTrustedNode(parseNodeIdentity(await readFile(join(folder, 'node.json'), 'utf8')));
    const file = join(folder, 'cold.sqlite');
    const cold = await openSqliteWormStore({ file, definition: docketWorm, readOnly: true });
    const anchors = openFileAnchorStore({ folder: join(folder, 'anchors') });
    const verification = await verifyRegister({ registerId: 'main', cold, anchors, node });
    expect(verification).toMatchObject({ anchor: 'extended', verifiedDockets: 5, ranges: [] });
    await cold.close();
  });

  it('is written by several processes at once without a fork, a loss or a false alarm', async () => {
    const { folder } = await prepare();
    const [processes, count] = [3, 40];
    const args = ['--conditions=sorcha-source', PROGRAM, folder, String(count)];
    const writing = Promise.all(Array.from({ length: processes }, async () => run(process.execPath, args)));
    // Meanwhile others open it again and again: none of them may take a writer's docket for a forgery.
    const state = { isWriting: true };
    const end = writing.finally(() => {
      state.isWriting = false;
    });
    let openings = 0;
    while (state.isWriting) {
      const { register, close } = await openRegisterFolder(folder);
      expect(register).toMatchObject({ state: 'Healthy' });
      await close();
      openings += 1;
    }
    const conflicts = (await end).map(({ stdout }) => Number(stdout));
    process.stderr.write(`register-in-files: conflicts ${conflicts.join(', ')}; ${openings} openings meanwhile\n`);
    const { register, close } = await openRegisterFolder(folder);
    expect(register.report).toMatchObject({ state: 'Healthy', anchor: 'matched', totalDockets: processes * count });
    expect(register.report.verifiedTransactions).toBe(processes * count);
    expect(openings).toBeGreaterThan(2);
    await close();
  });
});
