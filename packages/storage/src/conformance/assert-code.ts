import assert from 'node:assert/strict';
import { StorageError, type StorageErrorCode } from '../storage-error.ts';

/** Asserts that a call ends with a `StorageError` of this code and a message. */
export async function assertCode(code: StorageErrorCode, call: () => Promise<unknown>): Promise<void> {
  const outcome = call();
  try {
    await outcome;
  } catch (error) {
    checkError(code, error);
    return;
  }
  assert.fail(`The call worked; it must fail with ${code}.`);
}

/** As {@link assertCode}, for a call that is no promise. */
export function assertThrowsCode(code: StorageErrorCode, call: () => unknown): void {
  try {
    call();
  } catch (error) {
    checkError(code, error);
    return;
  }
  assert.fail(`The call worked; it must fail with ${code}.`);
}

/** Asserts that of calls that ran at once exactly one worked and the others ended with this code; returns its result. */
export function assertOneWins<T>(code: StorageErrorCode, outcomes: readonly PromiseSettledResult<T>[]): T {
  const won: T[] = [];
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') {
      won.push(outcome.value);
    } else {
      checkError(code, outcome.reason);
    }
  }
  const [winner] = won;
  assert.equal(won.length, 1, `${won.length} of ${outcomes.length} calls worked; exactly one must.`);
  assert.ok(winner !== undefined);
  return winner;
}

function checkError(code: StorageErrorCode, error: unknown): void {
  assert.ok(error instanceof StorageError, `${String(error)} is no StorageError; it must be one with code ${code}.`);
  assert.equal(error.code, code, `The code is ${error.code}, it must be ${code}: ${error.message}`);
  assert.notEqual(error.message, '');
}
