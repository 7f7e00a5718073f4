import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listWorkspaces } from './manifest.ts';
import { ROOT } from './source-files.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const documents = [...globSync('*.md', { cwd: ROOT }), ...globSync('{docs,packages/*/vectors}/**/*.md', { cwd: ROOT })];

/** The folders right below the sources of every workspace: the rooms. */
const rooms = listWorkspaces()
  .filter((workspace) => workspace.startsWith('packages/'))
  .flatMap((workspace) =>
    readdirSync(join(ROOT, workspace, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${workspace}/src/${entry.name}/`),
  );

describe('documents', () => {
  it.each(documents)('%s links only to what exists', (path) => {
    const prose = read(path).replaceAll(/`[^`\n]*`/g, '');
    const links = [...prose.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(path), link)))).toEqual([]);
  });

  it('ARCHITECTURE.md has a row for every room, and for no room that is gone', () => {
    const named = [...read('ARCHITECTURE.md').matchAll(/^\| `((?:packages|apps|services|tests|bench|docs)[^`]*\/)`/gm)];
    const paths = named.map(([, path = '']) => path);
    expect(rooms.filter((room) => !paths.includes(room))).toEqual([]);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('README.md is short and starts with something to run', () => {
    const lines = read('README.md').split('\n');
    expect(lines.length).toBeLessThanOrEqual(150);
    expect(lines.findIndex((line) => line.startsWith('```sh'))).toBeLessThan(24);
  });
});
