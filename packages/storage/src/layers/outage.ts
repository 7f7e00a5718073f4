import { StorageError } from '../storage-error.ts';

/** The store was not asked, or said that it did nothing. */
export const NOT_DONE: unique symbol = Symbol('not done');
/** The store did not answer; what it was asked for may still take effect. */
export const MAY_BE_DONE: unique symbol = Symbol('may be done');

/** What a call gets from a store that is out. */
export type Outage = typeof NOT_DONE | typeof MAY_BE_DONE;

/** Says whether a call got nothing because the store was out. */
export function isOutage(answer: unknown): answer is Outage {
  return answer === NOT_DONE || answer === MAY_BE_DONE;
}

/**
 * What a failed call of a store means: an outage, or `undefined` for an error that belongs to the caller (`INVALID`,
 * `UNSUPPORTED`, `CLOSED`). Only `UNAVAILABLE` promises that nothing was done.
 */
export function toOutage(error: unknown): Outage | undefined {
  if (!(error instanceof StorageError)) {
    return MAY_BE_DONE;
  }
  if (error.code === 'INVALID' || error.code === 'UNSUPPORTED' || error.code === 'CLOSED') {
    return undefined;
  }
  return error.code === 'UNAVAILABLE' ? NOT_DONE : MAY_BE_DONE;
}
