import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { assertCode } from '../assert-code.ts';
import type { Fact } from '../create-fact.ts';
import { untyped } from '../untyped.ts';
import type { OpenedCacheStore } from './cache-provider.ts';

const keys = [
  'user',
  'user:1',
  'user:12',
  'user:2',
  'user:1:name',
  'user:1:name:first',
  'user:',
  'user::x',
  'User:1',
  'users:1',
  'team:1',
  'a.b',
  'axb',
  'a(b',
  'a*',
  'a?c',
  '\u{1f600}:\u00e9',
];

const patterns: readonly (readonly [pattern: string, matches: readonly string[]])[] = [
  ['user', ['user']],
  ['user:1', ['user:1']],
  ['user:*', ['user:1', 'user:12', 'user:2', 'user:']],
  ['user:1*', ['user:1', 'user:12']],
  ['user*:1', ['user:1', 'users:1']],
  ['*:1', ['user:1', 'User:1', 'users:1', 'team:1']],
  ['user:*:name', ['user:1:name']],
  ['user:*:*', ['user:1:name', 'user::x']],
  ['user::*', ['user::x']],
  ['user::x', ['user::x']],
  ['user:', ['user:']],
  ['user:**', ['user:1', 'user:12', 'user:2', 'user:1:name', 'user:1:name:first', 'user:', 'user::x']],
  ['user:1:**', ['user:1:name', 'user:1:name:first']],
  ['*:1:**', ['user:1:name', 'user:1:name:first']],
  ['*', ['user', 'a.b', 'axb', 'a(b', 'a*', 'a?c']],
  ['a*', ['a.b', 'axb', 'a(b', 'a*', 'a?c']],
  ['a.*', ['a.b']],
  ['a.b', ['a.b']],
  ['a(b', ['a(b']],
  ['**', keys],
  ['\u{1f600}:*', ['\u{1f600}:\u00e9']],
  ['\u{1f600}*:**', ['\u{1f600}:\u00e9']],
  ['\u{1f600}:e*', []],
  ['USER:*', []],
  ['nothing:**', []],
];

const refused: readonly unknown[] = [
  '',
  'x'.repeat(257),
  'a?',
  'a[b]',
  '[',
  ']',
  'a\\*',
  '*a',
  'a*b',
  'a**',
  '***',
  '**:a',
  'a:**:b',
  '**:**',
  'a:*b*',
  'a\n',
  'a\u0000',
  '\ud800*',
  null,
  undefined,
  /a/,
];

/** Removing by pattern. */
export function describePatterns(fact: Fact<OpenedCacheStore>): void {
  for (const [pattern, matches] of patterns) {
    fact(`"${pattern}" removes exactly the keys that match`, async ({ store }) => {
      for (const key of keys) {
        await store.set(key, 1);
      }
      assert.equal(await store.removeByPattern(pattern), matches.length);
      const left: string[] = [];
      for (const key of keys) {
        left.push(...((await store.exists(key)) ? [key] : []));
      }
      assert.deepEqual(
        left,
        keys.filter((key) => !matches.includes(key)),
      );
      assert.equal(store.statistics().removals, matches.length);
      assert.equal(await store.removeByPattern(pattern), 0);
    });
  }

  for (const pattern of refused) {
    const name = typeof pattern === 'string' && pattern.length > 20 ? '257 characters' : inspect(pattern);
    fact(`refuses a pattern and removes nothing: ${name}`, async ({ store }) => {
      await store.set('a', 1);
      await store.set('a*', 1);
      await assertCode('INVALID', async () => store.removeByPattern(untyped(pattern)));
      assert.equal(await store.exists('a'), true);
      assert.equal(await store.exists('a*'), true);
    });
  }

  fact('takes a pattern of 256 characters', async ({ store }) => {
    const start = 'x'.repeat(255);
    await store.set(`${start}yz`, 1);
    assert.equal(await store.removeByPattern(`${start}*`), 1);
  });

  fact('removes many keys at once', async ({ store }) => {
    await Promise.all(Array.from({ length: 900 }, async (_, index) => store.set(`many:${index}`, index)));
    await store.set('one', 1);
    assert.equal(await store.removeByPattern('many:*'), 900);
    assert.equal(await store.get('one'), 1);
  });
}
