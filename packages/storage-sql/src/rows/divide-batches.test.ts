import { expect, test } from 'vitest';
import { divideBatches } from './divide-batches.ts';

const divide = (sizes: readonly number[]) => divideBatches(sizes, { count: 3, size: 10 }, (size) => size);

test.each([
  ['nothing', [], []],
  ['as many as a batch may have', [1, 1, 1, 1], [[1, 1, 1], [1]]],
  ['as much as a batch may have, its first item counted too', [6, 4, 6, 5], [[6, 4], [6], [5]]],
  ['an item that is too large, by itself', [1, 99, 1], [[1], [99], [1]]],
])('batches take %s', (_, sizes, batches) => {
  expect(divide(sizes)).toEqual(batches);
});
