import { StorageError } from '@sorcha/storage';
import { ErrorReply } from 'redis';
import { describe, expect, it } from 'vitest';
import { findRedirect } from './find-redirect.ts';

const failed = (message: string) => new StorageError('UNAVAILABLE', 'refused', { cause: new ErrorReply(message) });

describe('a redirection', () => {
  it.each([
    ['MOVED 42 10.0.0.1:7000', { kind: 'MOVED', slot: 42, host: '10.0.0.1', port: 7_000 }],
    ['ASK 0 ::1:7001', { kind: 'ASK', slot: 0, host: '::1', port: 7_001 }],
    ['MOVED 7 :7002', { kind: 'MOVED', slot: 7, host: '', port: 7_002 }],
  ])('%s', (message, redirect) => {
    expect(findRedirect(failed(message))).toEqual(redirect);
  });

  it.each([failed('OOM no memory'), failed('MOVED'), new Error('MOVED 1 h:1'), undefined])('%o is none', (error) => {
    expect(findRedirect(error)).toBeUndefined();
  });
});
