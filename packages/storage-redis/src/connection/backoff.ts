const FIRST_MS = 25;
const LONGEST_MS = 2_000;

/**
 * How long to wait before an attempt, in milliseconds: twice as long as before the last one, at most 2 seconds, and between
 * half and all of that by chance, so that many processes do not return at the same moment.
 *
 * @param attempt how many attempts have failed in a row.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return longest * (0.5 + random() / 2);
}
