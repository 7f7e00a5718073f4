/** Each doubling of a duration is divided into this many buckets, so that a bucket is at most 1/32 (3.2 %) wide. */
const STEPS = 32;
const STEPS_LOG2 = 5;
/** 2^27 microseconds: 134 seconds. What takes longer counts as this. */
const LONGEST_LOG2 = 27;
const BUCKETS = (LONGEST_LOG2 - STEPS_LOG2 + 1) * STEPS;

/** What a histogram says about the durations it was told. */
export interface Latency {
  /** How many durations there were. */
  readonly count: number;
  /** Half of them were at most this long, in milliseconds; 0 without any. Too high by at most 3.2 %. */
  readonly p50Ms: number;
  /** 99 of 100 were at most this long, in milliseconds; 0 without any. Too high by at most 3.2 %. */
  readonly p99Ms: number;
}

/** Counts durations in buckets of fixed bounds. */
export interface LatencyHistogram {
  /** Counts a duration, in milliseconds. */
  record(ms: number): void;
  read(): Latency;
}

/**
 * Creates a histogram of durations in the manner of HdrHistogram (Gil Tene, hdrhistogram.org): 736 counters, whatever comes.
 *
 * Durations are whole microseconds. Up to 64 of them have a bucket each; from there on every doubling of the duration is
 * divided into 32 equal buckets. So the index of a duration is found with one count of leading zeros, and a percentile is
 * the upper bound of the bucket in which the counts reach it. Counts are never reset: they end with the process.
 */
export function createLatencyHistogram(): LatencyHistogram {
  const counts = new Float64Array(BUCKETS);
  let count = 0;
  const percentile = (share: number): number => {
    let left = Math.ceil(count * share);
    for (const [index, bucket] of counts.entries()) {
      left -= bucket;
      if (left <= 0 && count > 0) {
        return upperBoundOf(index) / 1000;
      }
    }
    return 0;
  };
  return {
    record: (ms) => {
      const index = bucketOf(ms);
      counts[index] = (counts[index] ?? 0) + 1;
      count += 1;
    },
    read: () => ({ count, p50Ms: percentile(0.5), p99Ms: percentile(0.99) }),
  };
}

/** The bucket of a duration in milliseconds. */
function bucketOf(ms: number): number {
  const longest = 2 ** LONGEST_LOG2 - 1;
  const microseconds = Math.min(longest, Math.max(0, Math.ceil(ms * 1000)));
  const doublings = Math.max(0, 31 - Math.clz32(microseconds) - STEPS_LOG2);
  return doublings * STEPS + (microseconds >> doublings);
}

/** The longest duration of a bucket, in microseconds. */
function upperBoundOf(index: number): number {
  const doublings = Math.max(0, (index >> STEPS_LOG2) - 1);
  return ((index - doublings * STEPS + 1) << doublings) - 1;
}
