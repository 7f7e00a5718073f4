/** One way to do a piece of work. */
export interface Contender {
  readonly name: string;
  /** Does the work once. */
  run(): void | Promise<void>;
}

/** What {@link measureRatio} found. */
export interface Ratio {
  /** How much work ours does in the time in which the peer does 1; the median over all rounds. */
  readonly ratio: number;
  /** The lowest and highest ratio of a single round. */
  readonly spread: readonly [number, number];
}

/**
 * Lets two contenders do the same work in turns, so that a busy machine slows both, and compares them round by round. Times
 * themselves say nothing on a machine that others use, too.
 */
export async function measureRatio(ours: Contender, peer: Contender, rounds = 9): Promise<Ratio> {
  await ours.run();
  await peer.run();
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const [first, second] = round % 2 === 0 ? [ours, peer] : [peer, ours];
    const times = new Map([
      [first, await time(first)],
      [second, await time(second)],
    ]);
    ratios.push((times.get(peer) ?? Number.NaN) / (times.get(ours) ?? Number.NaN));
  }
  ratios.sort((a, b) => a - b);
  return {
    ratio: ratios[Math.floor(rounds / 2)] ?? Number.NaN,
    spread: [ratios[0] ?? Number.NaN, ratios.at(-1) ?? Number.NaN],
  };
}

async function time(contender: Contender): Promise<number> {
  const started = performance.now();
  await contender.run();
  return performance.now() - started;
}

/** Prints one claim on a line. */
export function printRatio(claim: string, { ratio, spread }: Ratio): void {
  const [low, high] = spread.map((each) => each.toFixed(2));
  console.log(`${ratio.toFixed(2).padStart(8)}  ${claim} (rounds: ${low} to ${high})`);
}
