import { cpSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { hashFolder } from './hash-folder.ts';
import { parseLine, runSorcha } from './run-sorcha.ts';

/** A command that must be refused. */
export interface Refusal {
  readonly args: readonly string[];
  readonly exitCode: number;
  readonly code: string;
  readonly stdin?: string;
  /** Changes the copy before the command runs. */
  readonly prepare?: (folder: string) => void;
}

/**
 * Builds the check that a command is refused: it runs on a copy of the pristine data folder, made below `root`, and writes
 * nothing there.
 */
export function createRefusalCheck(options: {
  readonly root: string;
  readonly pristine: string;
}): (refusal: Refusal) => Promise<void> {
  return async ({ args, exitCode, code, stdin = '', prepare }) => {
    const folder = mkdtempSync(join(options.root, 'case-'));
    const data = join(folder, 'data');
    cpSync(options.pristine, data, { recursive: true });
    prepare?.(data);
    const before = hashFolder(folder);
    const run = await runSorcha([...args, '--data', data, '--json'], { stdin, cwd: folder });
    const found = { exitCode: run.exitCode, stdout: run.stdout, code: readErrorCode(run.stderr) };
    expect(found).toEqual({ exitCode, stdout: '', code });
    expect(hashFolder(folder)).toBe(before);
  };
}

/** The code in the error line, which is the last; a note may stand before it. */
function readErrorCode(stderr: string): unknown {
  const error = parseLine(stderr.trimEnd().split('\n').at(-1) ?? '');
  expect(error).toMatchObject({ schema: 'sorcha.error/v1' });
  expect(error['message']).toMatch(/^\S.*\.$/);
  return error.code;
}
