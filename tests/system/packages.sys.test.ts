import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { expect, onTestFinished, test } from 'vitest';
import { listWorkspaces, readManifest } from '../architecture/manifest.ts';
import { ROOT } from '../architecture/source-files.ts';

const run = promisify(execFile);

/** The TypeScript examples of the README, and the lines that their comments say they print. */
const examples = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(
  ([, code = '']) => ({
    code,
    printed: [...code.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line = '']) => `${line}\n`).join(''),
  }),
);

/** Unpacks every package of ours into `node_modules` of a folder, beside links to what they depend on. */
async function installTarballs(folder: string): Promise<string[]> {
  await run('npm', ['pack', '--workspaces', '--pack-destination', folder], { cwd: ROOT });
  const packed: string[] = [];
  for (const workspace of listWorkspaces().filter((each) => !readManifest(each).private)) {
    const { name, version, dependencies } = readManifest(workspace);
    const home = join(folder, 'node_modules', name);
    await mkdir(home, { recursive: true });
    const tarball = join(folder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
    await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', home]);
    packed.push(...globSync('**/*', { cwd: home }).map((path) => `${name}/${path}`));
    for (const dependency of [...Object.keys(dependencies), '@types/node'].filter(
      (each) => !each.startsWith('@sorcha/'),
    )) {
      const link = join(folder, 'node_modules', dependency);
      if (!existsSync(link)) {
        await mkdir(dirname(link), { recursive: true });
        await symlink(join(ROOT, 'node_modules', dependency), link);
      }
    }
  }
  return packed;
}

test('the packed packages work outside of the repository: types, examples of the README and command line', async () => {
  const folder = await createTemporaryFolder(onTestFinished);
  await run('npm', ['run', 'build'], { cwd: ROOT });
  const packed = await installTarballs(folder);
  expect(packed.filter((path) => path.includes('.test.'))).toEqual([]);
  expect(packed).toContain('@sorcha/register/dist/index.d.ts');

  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
  expect(examples.length).toBeGreaterThan(0);
  for (const [index, { code, printed }] of examples.entries()) {
    const file = `example-${index}.ts`;
    await writeFile(join(folder, file), code);
    await run(tsc, [...flags, file], { cwd: folder });
    const { stdout } = await run(process.execPath, [file], { cwd: folder });
    expect(stdout).toBe(printed);
  }

  const sorcha = join(folder, 'node_modules/@sorcha/cli/bin/sorcha.js');
  await run(process.execPath, [sorcha, 'seed', '--data', 'ledger', '--dockets', '3', '--transactions', '2'], {
    cwd: folder,
  });
  const verified = await run(process.execPath, [sorcha, 'verify', '--data', 'ledger', '--json'], { cwd: folder });
  expect(JSON.parse(verified.stdout)).toMatchObject({ isProven: true, verifiedDockets: 3 });
});
