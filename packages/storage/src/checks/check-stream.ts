import { StorageError } from '../storage-error.ts';
import { checkWholeNumber } from './check-whole-number.ts';

const STREAM_NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** Checks the name of a write-once stream. `INVALID` otherwise. */
export function checkStreamName(stream: string): string {
  if (typeof stream !== 'string' || !STREAM_NAME.test(stream)) {
    const rule = 'use 1 to 128 characters of A-Z a-z 0-9 . _ : -, starting with a letter or digit';
    throw new StorageError('INVALID', `${JSON.stringify(stream)} is no name of a stream: ${rule}.`);
  }
  return stream;
}

/** Checks a sequence in a write-once stream: a whole number from 0. `INVALID` otherwise. */
export function checkSequence(sequence: number, name = 'The sequence'): number {
  return checkWholeNumber(sequence, name, { min: 0 });
}
