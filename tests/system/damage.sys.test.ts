import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CORRUPTION_KINDS } from '@sorcha/register';
import { DAMAGES } from '@sorcha/register/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isExactlyFound } from '../../apps/cli/src/damage/compare-findings.ts';
import { hashFolder } from './hash-folder.ts';
import { runInProcess } from './run-in-process.ts';
import { collectRun, parseLine, runForJson as run, runSorcha, startSorcha } from './run-sorcha.ts';

const DOCKETS = 12;
const kind = z.enum(CORRUPTION_KINDS);
const heights = { from: z.number(), to: z.number() };
const expectedDamage = z.object({ ...heights, kinds: z.array(kind) });
const corruptionRange = z.object({ ...heights, kind, detail: z.string(), detectedAt: z.number() });
const root = mkdtempSync(join(tmpdir(), 'sorcha-damage-'));
const pristine = join(root, 'pristine');
let pristineHash = '';

beforeAll(async () => {
  const args = ['seed', '--data', pristine, '--dockets', String(DOCKETS), '--transactions', '3'];
  expect(await runInProcess(args)).toMatchObject({ exitCode: 0 });
  pristineHash = hashFolder(pristine);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function copyPristine(): string {
  const folder = join(mkdtempSync(join(root, 'case-')), 'data');
  cpSync(pristine, folder, { recursive: true });
  return folder;
}

describe.concurrent('a register that was damaged by tamper', () => {
  it.each(DAMAGES.map(({ name }) => name))('is found out by verify, exactly: %s', async (name) => {
    const copy = join(root, `copy-${name}`);
    const tampered = await run(['tamper', name, '--data', pristine, '--copy', copy]);
    expect(tampered).toMatchObject({ exitCode: 0, schema: 'sorcha.tamper/v1', damage: name, folder: copy });
    const found = await run(['verify', '--data', copy]);
    const random = Number(tampered['random']);
    expect({ random, found }).toMatchObject({ random, found: { exitCode: 3, isProven: false, anchor: 'damaged' } });
    const expected = z.array(expectedDamage).parse(tampered['expected']);
    const ranges = z.array(corruptionRange).parse(found['ranges']);
    expect({ random, expected, isExact: isExactlyFound(ranges, expected) }).toEqual({
      random,
      expected,
      isExact: true,
    });
    expect(hashFolder(pristine)).toBe(pristineHash);
  });

  it('shows what is proven, refuses what is not, and takes nothing', async () => {
    const folder = copyPristine();
    const damage = ['tamper', 'forge-signature', '--height', '5', '--really', '--data', folder];
    expect(await run(damage)).toMatchObject({ exitCode: 0, isCopy: false, folder });
    expect(await run(['show', 'docket', '4', '--data', folder])).toMatchObject({ exitCode: 0, height: 4 });
    const refused = await runInProcess(['show', 'docket', '5', '--raw', '--data', folder]);
    expect(refused).toMatchObject({ exitCode: 3, stdout: '' });
    expect(refused.stderr).toContain('InvalidTransactionSignature');
    for (const args of [
      ['append', '--payload', '1'],
      ['seed', '--dockets', '1'],
      ['adopt', '--really'],
    ]) {
      const before = hashFolder(folder);
      expect(await run([...args, '--data', folder])).toMatchObject({ exitCode: 3, code: 'DEGRADED' });
      expect(hashFolder(folder)).toBe(before);
    }
  });

  it('is not damaged a second time, because the damages could not be told apart', async () => {
    const folder = copyPristine();
    expect(await run(['tamper', 'drop', '--really', '--data', folder])).toMatchObject({ exitCode: 0 });
    const before = hashFolder(folder);
    const again = ['tamper', 'swap', '--really', '--data', folder];
    expect(await run(again)).toMatchObject({ exitCode: 3, code: 'CORRUPTED' });
    expect(hashFolder(folder)).toBe(before);
  });

  it('repeats a damage with the same --random', async () => {
    const copies = [join(root, 'repeat-1'), join(root, 'repeat-2')];
    const actions = [];
    for (const copy of copies) {
      const args = ['tamper', 'bit-flip', '--random', '7', '--data', pristine, '--copy', copy];
      actions.push((await run(args))['action']);
    }
    expect(actions[0]).toBe(actions[1]);
    const [one = '', two = ''] = copies.map((copy) => join(copy, 'cold', 'cold.sqlite'));
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
  });

  it('replaces a copy that it made before, and says in it what was done', async () => {
    const copy = join(root, 'replaced');
    await run(['tamper', 'erase', '--data', pristine, '--copy', copy]);
    await run(['tamper', 'drop', '--height', '3', '--data', pristine, '--copy', copy]);
    expect(await run(['verify', '--data', copy])).toMatchObject({ ranges: [{ from: 3, to: 3, kind: 'MissingData' }] });
    expect(readFileSync(join(copy, 'TAMPERED.txt'), 'utf8')).toContain('Removes docket 3 (drop).');
  });

  it.each([
    ['drop', '11'],
    ['bit-flip', '12'],
    ['extend-forged', '3'],
  ])('is not damaged where that is impossible: %s at %s', async (name, height) => {
    const copy = join(root, `impossible-${name}`);
    const before = hashFolder(copy);
    const args = ['tamper', name, '--height', height, '--data', pristine, '--copy', copy];
    expect(await run(args)).toMatchObject({ exitCode: 2, code: 'INVALID' });
    expect(hashFolder(copy)).toBe(before);
  });
});

describe('tamper --list', () => {
  it('lists every damage with what it stands for', async () => {
    expect(await run(['tamper', '--list'])).toMatchObject({
      exitCode: 0,
      schema: 'sorcha.damages/v1',
      damages: DAMAGES.map(({ name, description }) => ({ name, description })),
    });
  });
});

describe('demo', () => {
  it('needs a place for temporary files', async () => {
    const failed = await runSorcha(['demo'], { env: { TMPDIR: join(root, 'absent') } });
    expect(failed).toMatchObject({ exitCode: 1, stdout: '' });
    expect(failed.stderr).toContain('error FOLDER_UNWRITABLE');
    expect(failed.stderr).toContain('TMPDIR');
  });

  it.each([
    ['Ctrl-C', 130, (child: ChildProcess) => child.kill('SIGINT')],
    ['a reader that left', 0, (child: ChildProcess) => child.stdout?.destroy()],
  ])('leaves nothing behind after %s', async (_name, exitCode, interrupt) => {
    const temporary = mkdtempSync(join(root, 'tmp-'));
    const before = hashFolder(temporary);
    const child = startSorcha(['demo', '--dockets', '20', '--transactions', '3'], { env: { TMPDIR: temporary } });
    child.stdout?.on('data', (text: string) => {
      if (text.includes('2/')) {
        interrupt(child);
      }
    });
    expect(await collectRun(child)).toMatchObject({ exitCode });
    expect(hashFolder(temporary)).toBe(before);
  });

  it('finds every damage exactly and leaves nothing behind', async () => {
    const temporary = mkdtempSync(join(root, 'tmp-'));
    const before = hashFolder(temporary);
    const demo = ['demo', '--dockets', '20', '--transactions', '3', '--random', '1'];
    const text = await runSorcha(demo, { env: { TMPDIR: temporary } });
    expect(text).toMatchObject({ exitCode: 0, stderr: '' });
    for (const { name } of DAMAGES) {
      expect(text.stdout).toMatch(new RegExp(`^\\d+/${DAMAGES.length} ${name}: `, 'm'));
    }
    expect(text.stdout).toContain(`All ${DAMAGES.length} damages were found exactly where they were done`);
    expect(hashFolder(temporary)).toBe(before);
    const { exitCode, stdout, stderr } = await runSorcha([...demo, '--json'], { env: { TMPDIR: temporary } });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(parseLine(stdout)).toMatchObject({ schema: 'sorcha.demo/v1', isAsExpected: true, random: 1 });
  });
});
