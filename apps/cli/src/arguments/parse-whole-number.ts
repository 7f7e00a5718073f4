import { CliError } from '../cli-error.ts';

const PLAIN_DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;

/**
 * Parses a whole number written in plain decimal digits, within bounds (both inclusive). `USAGE` for anything else, also for
 * `01`, `1e3`, `+1` and numbers that a double cannot hold exactly: a height that is read as another height would be a trap.
 */
export function parseWholeNumber(text: string, options: { name: string; min: number; max: number }): number {
  const { name, min, max } = options;
  const value = PLAIN_DECIMAL.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new CliError('USAGE', `${name} is ${JSON.stringify(text)}; it must be a whole number from ${min} to ${max}.`);
  }
  return value;
}

/** Parses the height of a docket: 0 to 2^53 - 1. */
export function parseHeight(text: string, name = 'The height'): number {
  return parseWholeNumber(text, { name, min: 0, max: Number.MAX_SAFE_INTEGER });
}
