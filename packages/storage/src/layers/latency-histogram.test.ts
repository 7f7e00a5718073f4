import { array, assert, double, oneof, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLatencyHistogram } from './latency-histogram.ts';

const seed = Number(process.env['SORCHA_TEST_SEED'] ?? Date.now() % 2 ** 31);
process.stderr.write(`latency histogram: SORCHA_TEST_SEED=${seed}\n`);

function createFilled(durations: readonly number[]) {
  const histogram = createLatencyHistogram();
  for (const ms of durations) {
    histogram.record(ms);
  }
  return histogram.read();
}

describe('a latency histogram', () => {
  it('says 0 before it was told of anything', () => {
    expect(createLatencyHistogram().read()).toEqual({ count: 0, p50Ms: 0, p99Ms: 0 });
  });

  it('tells the slow one of a hundred apart from the slow one of fifty', () => {
    const fast = Array.from({ length: 99 }, () => 0.01);
    expect(createFilled([...fast, 5])).toEqual({ count: 100, p50Ms: 0.01, p99Ms: 0.01 });
    expect(createFilled([...fast.slice(1), 5, 5]).p99Ms).toBeGreaterThanOrEqual(5);
  });

  it('counts what is out of its bounds as the bound', () => {
    expect(createFilled([-1])).toEqual({ count: 1, p50Ms: 0, p99Ms: 0 });
    expect(createFilled([1e9]).p99Ms).toBe((2 ** 27 - 1) / 1000);
    expect(createFilled([Number.POSITIVE_INFINITY]).count).toBe(1);
  });

  it('is never below the exact percentile and at most 1/32 and a microsecond above it', () => {
    const duration = oneof(double({ min: 0, max: 2, noNaN: true }), double({ min: 0, max: 130_000, noNaN: true }));
    assert(
      property(array(duration, { minLength: 1, maxLength: 300 }), (durations) => {
        const sorted = [...durations].sort((a, b) => a - b);
        const read = createFilled(durations);
        for (const [share, found] of [
          [0.5, read.p50Ms],
          [0.99, read.p99Ms],
        ] as const) {
          const exact = sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
          expect(found).toBeGreaterThanOrEqual(exact - 1e-9);
          expect(found).toBeLessThanOrEqual(exact * (1 + 1 / 32) + 0.001 + 1e-9);
        }
      }),
      { seed, numRuns: 500 },
    );
  });
});
