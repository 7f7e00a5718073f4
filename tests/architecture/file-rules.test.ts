import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listSourceFiles } from './source-files.ts';

const MAX_LINES = 350;
const VAGUE = new Set(['utils', 'util', 'common', 'helpers', 'helper', 'base', 'manager', 'misc', 'shared']);
const FILE_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:int|sys))?(?:\.(?:test|config))?\.ts$/;

const files = listSourceFiles();

describe('file rules', () => {
  it('finds the sources at all', () => {
    expect(files.length).toBeGreaterThan(20);
  });

  it('names files in kebab-case with a known suffix', () => {
    expect(files.map((file) => file.path).filter((path) => !FILE_NAME.test(basename(path)))).toEqual([]);
  });

  it('has no room for things without a name', () => {
    const isVague = (path: string) =>
      path.split('/').some((part) => part.split(/[.-]/).some((word) => VAGUE.has(word)));
    expect(files.map((file) => file.path).filter(isVague)).toEqual([]);
  });

  it(`keeps files at ${MAX_LINES} lines or fewer`, () => {
    const long = files
      .map((file) => `${file.path}: ${file.text.trimEnd().split('\n').length}`)
      .filter((entry) => Number(entry.split(': ')[1]) > MAX_LINES);
    expect(long).toEqual([]);
  });

  it('leaves no test skipped, focused or empty, and nothing for later', () => {
    const unfinished = /\b(?:it|test|describe)\.(?:skip|only|todo)\b|\b(?:TOD[O]|FIXM[E]|HAC[K])\b/;
    expect(files.filter((file) => unfinished.test(file.text)).map((file) => file.path)).toEqual([]);
  });
});
