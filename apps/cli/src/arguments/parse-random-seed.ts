import { randomInt } from 'node:crypto';
import { parseWholeNumber } from './parse-whole-number.ts';

const MAX = 2 ** 32 - 1;

/** Parses `--random`, the seed of every random choice: 0 to 4294967295, a new one when it is not given. */
export function parseRandomSeed(text: string | undefined): number {
  return text === undefined ? randomInt(MAX + 1) : parseWholeNumber(text, { name: '--random', min: 0, max: MAX });
}
