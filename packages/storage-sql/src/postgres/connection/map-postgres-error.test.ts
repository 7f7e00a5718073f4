import { StorageError } from '@sorcha/storage';
import { DatabaseError } from 'pg';
import { describe, expect, test } from 'vitest';
import { isConflict, isConnectionLoss, mapPostgresError, toConnectError } from './map-postgres-error.ts';

function createError(code: string, severity = 'ERROR'): DatabaseError {
  return Object.assign(new DatabaseError('what the server says', 1, 'error'), { code, severity });
}

describe('each state has its code', () => {
  test.each([
    ['23505', 'ALREADY_EXISTS'],
    ['40001', 'VERSION_CONFLICT'],
    ['40P01', 'VERSION_CONFLICT'],
    ['57014', 'TIMEOUT'],
    ['53100', 'UNAVAILABLE'],
    ['53300', 'UNAVAILABLE'],
    ['25006', 'UNAVAILABLE'],
    ['42501', 'UNAVAILABLE'],
    ['55P03', 'UNAVAILABLE'],
    ['58030', 'UNAVAILABLE'],
    ['28P01', 'UNAVAILABLE'],
    ['22021', 'INVALID'],
    ['54000', 'INVALID'],
    ['23514', 'INVALID'],
    ['P0001', 'INVALID'],
    ['42P01', 'CORRUPTED'],
    ['42703', 'CORRUPTED'],
    ['XX001', 'CORRUPTED'],
    ['SRIMM', 'IMMUTABLE'],
    ['SRSEQ', 'SEQUENCE_CONFLICT'],
  ])('%s is %s', (state, code) => {
    const cause = createError(state);
    expect(mapPostgresError(cause, 'd at h', 'write')).toMatchObject({ code, cause });
  });

  test('a state that says nothing of a caller is the bug that it is', () => {
    const error = createError('42601');
    expect(mapPostgresError(error, 'd at h', 'write')).toBe(error);
  });

  test('an error of ours stays', () => {
    const error = new StorageError('INVALID', 'x');
    expect(mapPostgresError(error, 'd at h', 'write')).toBe(error);
    expect(isConnectionLoss(error)).toBe(false);
  });
});

describe('a lost connection: a read is UNAVAILABLE, a write OUTCOME_UNKNOWN', () => {
  test.each([
    ['the server was shut down', createError('57P01', 'FATAL')],
    ['the server crashed', createError('57P02', 'FATAL')],
    ['the server said so in another language', createError('57P01', 'FATAL: Datenbank')],
    ['the socket was reset', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
    ['the socket was closed', new Error('Connection terminated unexpectedly')],
  ])('%s', (_, error) => {
    expect(mapPostgresError(error, 'd at h', 'read')).toMatchObject({ code: 'UNAVAILABLE', cause: error });
    expect(mapPostgresError(error, 'd at h', 'write')).toMatchObject({ code: 'OUTCOME_UNKNOWN', cause: error });
    expect(isConnectionLoss(error)).toBe(true);
  });
});

test('what kept a connection from being made is named, also when there were several addresses', () => {
  const error = new AggregateError([
    new Error('connect ECONNREFUSED ::1:1'),
    new Error('connect ECONNREFUSED 127.0.0.1:1'),
  ]);
  expect(toConnectError(error, 'd at h')).toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/d at h.*::1:1.*127\.0\.0\.1:1/u) as unknown,
  });
});

test('conflicts are told apart from versions that are not current', () => {
  expect(isConflict(mapPostgresError(createError('40001'), 'd at h', 'read'))).toBe(true);
  expect(isConflict(new StorageError('VERSION_CONFLICT', 'at version 2, not 1'))).toBe(false);
});
