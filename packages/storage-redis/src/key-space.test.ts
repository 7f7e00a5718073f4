import { parseKeyPattern } from '@sorcha/storage/provider';
import { describe, expect, it } from 'vitest';
import { createKeySpace } from './key-space.ts';

describe('the key space of a prefix', () => {
  it.each([
    ['sorcha', 'sorcha:k'],
    ['app-1.a_b', 'app-1.a_b:k'],
    ['app:prod', 'app%3Aprod:k'],
    ['a%3A', 'a%253A:k'],
    ['*', '%2A:k'],
    ['{a}', '%7Ba%7D:k'],
    ["!~'()[]?\\^ ", '%21%7E%27%28%29%5B%5D%3F%5C%5E%20:k'],
    ['\u00e9', '%C3%A9:k'],
  ])('%s', (prefix, stored) => {
    const keySpace = createKeySpace(prefix);
    expect(keySpace.toStored('k')).toBe(stored);
    expect(keySpace.toKey(stored)).toBe('k');
  });

  it('knows its own keys, and none that no call can name', () => {
    const keySpace = createKeySpace('p');
    expect(keySpace.toKey('p:a:b')).toBe('a:b');
    for (const stored of ['p', 'p:', 'px:a', 'q:a', 'p:a\n', 'p:\u0001probe', `p:${'x'.repeat(513)}`]) {
      expect(keySpace.toKey(stored)).toBeUndefined();
    }
  });

  it.each([
    ['user:1', 'p:user:1'],
    ['user:*', 'p:user:*'],
    ['user:1*:name', 'p:user:1*:name'],
    ['user:*:*', 'p:user:*:*'],
    ['user:**', 'p:user:*'],
    ['*:**', 'p:*:*'],
    ['**', 'p:*'],
    ['a*:b*:c*:d', 'p:a*:b*:c*'],
    ['^a', String.raw`p:\^a`],
  ])('gives the server a bounded glob for %s', (pattern, glob) => {
    expect(createKeySpace('p').toGlob(parseKeyPattern(pattern))).toBe(glob);
  });
});
