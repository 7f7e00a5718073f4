import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { findSecrets, redactError, redactText } from './redact-secrets.ts';
import { REDACTED, Secret } from './secret.ts';

it('finds secrets at any depth of the settings', () => {
  const [one, two] = [new Secret('one'), new Secret('two')];
  expect(findSecrets({ a: one, b: { c: [two, 3, null] }, d: 'no' })).toEqual([one, two]);
});

it('takes a secret out of a text, also where it is encoded', () => {
  const secret = new Secret('p@ss "word"/');
  const text = `plain p@ss "word"/, address ${encodeURIComponent(secret.reveal())}, JSON ${JSON.stringify(secret.reveal())}`;
  const shown = redactText(text, [secret]);
  expect(shown).not.toMatch(/p@ss|p%40ss/);
  expect(shown).toContain(REDACTED);
});

it('drops the whole text around a secret that is too short to be told from words', () => {
  expect(redactText('a failure at a host', [new Secret('a')])).toBe(REDACTED);
  expect(redactText('no such host', [new Secret('z')])).toBe('no such host');
});

it('copies an error and its causes without the secret, and ends with causes that go round', () => {
  const secret = new Secret('hunter2-hunter2');
  const inner: Error & { code?: string } = new Error('refused redis://:hunter2-hunter2@host');
  inner.code = 'ECONNREFUSED';
  inner.cause = inner;
  const copy = redactError(new TypeError('wrong hunter2-hunter2', { cause: inner }), [secret]);
  expect(inspect(copy, { depth: 20 })).not.toContain('hunter2');
  expect(copy).toMatchObject({ name: 'TypeError', cause: { code: 'ECONNREFUSED' } });
  expect(redactError('only hunter2-hunter2', [secret]).message).toBe(`only ${REDACTED}`);
});
