import { StorageError } from '../storage-error.ts';

/** Checks that a value is a whole number within bounds, both inclusive. `INVALID` names it otherwise. */
export function checkWholeNumber(value: number, name: string, bounds: { min: number; max?: number }): number {
  const { min, max = Number.MAX_SAFE_INTEGER } = bounds;
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new StorageError('INVALID', `${name} is ${String(value)}; it must be a whole number from ${min} to ${max}.`);
  }
  return value;
}
