import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

describe('the wait before an attempt', () => {
  it('doubles up to a bound, and is between half and all of that', () => {
    const bounds = (attempt: number) => [backoffMs(attempt, () => 0), backoffMs(attempt, () => 1)];
    expect(bounds(0)).toEqual([12.5, 25]);
    expect(bounds(1)).toEqual([25, 50]);
    expect(bounds(6)).toEqual([800, 1_600]);
    expect(bounds(7)).toEqual([1_000, 2_000]);
    expect(bounds(10_000)).toEqual([1_000, 2_000]);
  });
});
