import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { expect, it, onTestFinished } from 'vitest';

const run = promisify(execFile);

/** Runs the example as its first lines say, in a folder of its own. */
async function runExample(folder: string, ...configuration: readonly string[]): Promise<string[]> {
  const args = ['--conditions=sorcha-source', join(import.meta.dirname, 'main.ts'), ...configuration];
  const { stdout } = await run(process.execPath, args, { cwd: folder });
  return stdout.trimEnd().split('\n');
}

it('the example keeps its log from run to run, on files', async () => {
  const folder = await createTemporaryFolder(onTestFinished);
  await runExample(folder);
  const lines = await runExample(folder);
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^1 \{ celsius: 21 \} [0-9a-f]{12}$/);
  expect(lines[2]).toContain('"readings/reading" can be read');
});

it('the same program runs on another provider when its configuration says so (FR-002)', async () => {
  const folder = await createTemporaryFolder(onTestFinished);
  const configuration = join(import.meta.dirname, 'sqlite.jsonc');
  await runExample(folder, configuration);
  const lines = await runExample(folder, configuration);
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^1 \{ celsius: 21 \} [0-9a-f]{12}$/);
  expect(await readdir(folder)).toContain('readings.sqlite');
});
