import { expect, test } from 'vitest';
import { createStatementNames } from './statement-names.ts';

test('a text is prepared from its second use on, under one name on all connections', () => {
  const names = createStatementNames();
  const [one, two] = [names.createPrepared(), names.createPrepared()];
  expect(one.nameOf('select 1')).toBeUndefined();
  const name = one.nameOf('select 1');
  expect(name).toMatch(/^sorcha_[0-9a-f]{40}$/u);
  expect(two.nameOf('select 1')).toBe(name);
  two.nameOf('select 2');
  expect(two.nameOf('select 2')).not.toBe(name);
});

test('a connection prepares only so many, goes on without, and is worn out at last', () => {
  const prepared = createStatementNames().createPrepared();
  const texts = Array.from({ length: 260 }, (_, index) => `select ${index}`);
  texts.forEach((text) => prepared.nameOf(text));
  const named = texts.map((text) => prepared.nameOf(text)).filter((name) => name !== undefined);
  expect(named).toHaveLength(250);
  expect(prepared.isWornOut()).toBe(false);
  for (let round = 0; round < 200; round += 1) {
    texts.forEach((text) => prepared.nameOf(text));
  }
  expect(prepared.isWornOut()).toBe(true);
});
