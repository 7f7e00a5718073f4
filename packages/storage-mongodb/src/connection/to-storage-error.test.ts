import { StorageError } from '@sorcha/storage';
import {
  MongoCompatibilityError,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoRuntimeError,
  MongoServerError,
  MongoWriteConcernError,
} from 'mongodb';
import { describe, expect, test } from 'vitest';
import { CallEnded } from './deadline.ts';
import { toStorageError } from './to-storage-error.ts';

const place = 'orders at host';
const known = { wasKnown: () => true, hasChanged: () => false };
const lost = { wasKnown: () => true, hasChanged: () => true };
const never = { wasKnown: () => false, hasChanged: () => false };

function codeOf(error: unknown, write?: typeof known): string {
  const mapped = toStorageError(error, { place, write });
  expect(mapped).toBeInstanceOf(StorageError);
  expect(mapped instanceof StorageError && mapped.cause).toBe(error);
  expect(String(mapped)).toContain(place);
  return mapped instanceof StorageError ? mapped.code : '';
}

const refusal = (code: number) => new MongoServerError({ message: 'refused', code });

describe('what the server answers', () => {
  test.each([
    [13, 'UNAVAILABLE', 'UNAVAILABLE'],
    [14, 'CORRUPTED', 'CORRUPTED'],
    [18, 'UNAVAILABLE', 'UNAVAILABLE'],
    [20, 'INCOMPATIBLE_SERVER', 'INCOMPATIBLE_SERVER'],
    [50, 'TIMEOUT', 'TIMEOUT'],
    [112, 'TIMEOUT', 'TIMEOUT'],
    [121, 'INVALID', 'INVALID'],
    [10_334, 'INVALID', 'INVALID'],
    [11_000, 'ALREADY_EXISTS', 'ALREADY_EXISTS'],
    [14_031, 'UNAVAILABLE', 'UNAVAILABLE'],
    // Whether what was stopped on the way took effect is open; what was refused from the start did not.
    [91, 'UNAVAILABLE', 'OUTCOME_UNKNOWN'],
    [189, 'UNAVAILABLE', 'OUTCOME_UNKNOWN'],
    [11_602, 'UNAVAILABLE', 'OUTCOME_UNKNOWN'],
    [10_107, 'UNAVAILABLE', 'UNAVAILABLE'],
    [13_435, 'UNAVAILABLE', 'UNAVAILABLE'],
    [999_999, 'UNAVAILABLE', 'UNAVAILABLE'],
  ])('%i is %s to a read and %s to a write', (code, read, write) => {
    expect(codeOf(refusal(code))).toBe(read);
    expect(codeOf(refusal(code), known)).toBe(write);
  });

  test('a write that is not on a majority may still be lost', () => {
    const error = new MongoWriteConcernError({ ok: 1, writeConcernError: { code: 64, errmsg: 'waiting timed out' } });
    expect(codeOf(error, known)).toBe('OUTCOME_UNKNOWN');
  });
});

describe('what is not answered', () => {
  test('a lost connection', () => {
    expect(codeOf(new MongoNetworkError('lost'))).toBe('UNAVAILABLE');
    expect(codeOf(new MongoNetworkError('lost'), known)).toBe('OUTCOME_UNKNOWN');
  });

  test('a connection that could not be made: nothing was sent, unless one was lost before', () => {
    const error = new MongoNetworkError('connect ECONNREFUSED');
    error.addErrorLabel('SystemOverloadedError');
    expect(codeOf(error)).toBe('UNAVAILABLE');
    expect(codeOf(error, known)).toBe('UNAVAILABLE');
    expect(codeOf(error, lost)).toBe('OUTCOME_UNKNOWN');
  });

  test('a server or a connection that is not found: when one was lost meanwhile, something may have been sent before', () => {
    const error = new MongoRuntimeError('waited too long');
    expect(codeOf(error)).toBe('UNAVAILABLE');
    expect(codeOf(error, known)).toBe('UNAVAILABLE');
    expect(codeOf(error, never)).toBe('UNAVAILABLE');
    expect(codeOf(error, lost)).toBe('OUTCOME_UNKNOWN');
  });

  test('a server for another driver, which is looked for until the time is over', () => {
    const error = new MongoRuntimeError('no server', { cause: new MongoCompatibilityError('wire version 8') });
    expect(codeOf(error)).toBe('INCOMPATIBLE_SERVER');
    expect(codeOf(error, lost)).toBe('OUTCOME_UNKNOWN');
  });

  test('a deadline or signal', () => {
    for (const reason of ['deadline', 'signal'] as const) {
      expect(codeOf(new CallEnded(reason, 'over'))).toBe('TIMEOUT');
      expect(codeOf(new CallEnded(reason, 'over'), never)).toBe('TIMEOUT');
      expect(codeOf(new CallEnded(reason, 'over'), known)).toBe('OUTCOME_UNKNOWN');
    }
  });
});

test('what does not fit into a message is INVALID', () => {
  expect(codeOf(new RangeError('out of bounds'), known)).toBe('INVALID');
  expect(codeOf(new MongoInvalidArgumentError('Document is larger than the maximum size'), known)).toBe('INVALID');
});

test('what is no error of the driver stays what it is', () => {
  const errors = [new TypeError('a bug'), new StorageError('NOT_FOUND', 'says it already')];
  for (const error of errors) {
    expect(toStorageError(error, { place, write: known })).toBe(error);
  }
});
