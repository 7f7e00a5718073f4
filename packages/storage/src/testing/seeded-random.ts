/** Random numbers in [0, 1) that are the same for the same seed: mulberry32, by Tommy Ettinger. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The seed of a random test: that of `SORCHA_TEST_SEED`, or a new one. It is printed, so that a failure can be repeated. */
export function chooseSeed(test: string): number {
  const seed = Number(process.env['SORCHA_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
  process.stderr.write(`${test}: SORCHA_TEST_SEED=${seed}\n`);
  return seed;
}
