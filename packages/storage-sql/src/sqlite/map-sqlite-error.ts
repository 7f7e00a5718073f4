import { StorageError, type StorageErrorCode } from '@sorcha/storage';

/** What a result code of SQLite means to a caller. Codes: https://www.sqlite.org/rescode.html */
interface Meaning {
  readonly code: StorageErrorCode;
  /** What is wrong with the file and what to do; stands after the name of the file. */
  readonly advice: string;
}

const unavailable = (advice: string): Meaning => ({ code: 'UNAVAILABLE', advice });

/** The header was checked before SQLite opened the file: it is ours. */
const damagedHeader: Meaning = { code: 'CORRUPTED', advice: 'has a damaged header; restore it from a copy' };

/** By primary result code, the low 8 bits of the extended one. */
const primaryMeanings: ReadonlyMap<number, Meaning> = new Map([
  [3, unavailable('cannot be accessed; give this process the permission to read and write it')],
  [5, unavailable('is locked by another process; try again')],
  [6, unavailable('is locked by another connection of this process; try again')],
  [8, unavailable('cannot be written; give this process write access to the file and its folder')],
  [10, unavailable('cannot be read or written by the disk; check the disk and its cables, then try again')],
  [11, { code: 'CORRUPTED', advice: 'is damaged; restore it from a copy' }],
  [13, unavailable('has no space left; free space on its disk')],
  [14, unavailable('cannot be opened; check that it and its folder exist and can be read and written')],
  [18, { code: 'INVALID', advice: 'cannot keep a value of that size; store less in one' }],
  [26, damagedHeader],
]);

/** Extended result code of a page that is read past the end of the file. */
const SHORT_READ = 522;
const cutOff: Meaning = { code: 'CORRUPTED', advice: 'is cut off; restore it from a copy' };

/** Extended result codes of a violated key or unique index. */
const TAKEN: ReadonlySet<number> = new Set([1555, 2067, 2579]);

/** What SQLite says, under SQLITE_ERROR, of a format of the schema that it does not know. */
const UNKNOWN_FORMAT = 'unsupported file format';

/** What SQLite says, under SQLITE_ERROR, of queries of ours that fitted the tables when the store was opened. */
const LOST_PART = /^no such (?:table|column)|^table \S+ has no column/;
const lostPart: Meaning = {
  code: 'CORRUPTED',
  advice: 'lost a table or column while it was open; another program removed it: restore the file from a copy',
};

/** What the triggers of this package raise, by message, under SQLITE_CONSTRAINT_TRIGGER. */
const TRIGGER = 1811;
const triggerMeanings: ReadonlyMap<string, Meaning> = new Map([
  ['IMMUTABLE', { code: 'IMMUTABLE', advice: 'refuses to change or remove a write-once record; append a new one' }],
  ['SEQUENCE_CONFLICT', { code: 'SEQUENCE_CONFLICT', advice: 'continues at another sequence; read the height again' }],
]);

/** The extended result code of an error from node:sqlite; `undefined` for other errors. */
export function readResultCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code : undefined;
}

/** Says whether someone else holds a lock that the call needs, so that it can be tried again. */
export function isBusy(error: unknown): boolean {
  const primary = (readResultCode(error) ?? 0) & 0xff;
  return primary === 5 || primary === 6;
}

/** Says whether a trigger, a key or an index refused the statement. */
export function isConstraintRefusal(error: unknown): boolean {
  return ((readResultCode(error) ?? 0) & 0xff) === 19;
}

/** Says whether a trigger of this package refused the statement. */
export function isTriggerRefusal(error: unknown): boolean {
  return readResultCode(error) === TRIGGER && error instanceof Error && triggerMeanings.has(error.message);
}

/**
 * The error that a caller gets for what SQLite reported about `file`; the original is its cause. Errors that are not from
 * SQLite are returned as they are: they are bugs or already say what is wrong.
 */
export function mapSqliteError(error: unknown, file: string): unknown {
  if (hasCode(error, 'ERR_INVALID_STATE')) {
    return new StorageError('CLOSED', `The store on "${file}" is closed; open it again.`, { cause: error });
  }
  if (hasCode(error, 'ERR_OUT_OF_RANGE')) {
    const message = `The database "${file}" holds an integer that no store writes; restore it from a copy.`;
    return new StorageError('CORRUPTED', message, { cause: error });
  }
  const resultCode = readResultCode(error);
  if (resultCode === undefined || !(error instanceof Error)) {
    return error;
  }
  if (TAKEN.has(resultCode)) {
    return new StorageError('ALREADY_EXISTS', describeTaken(error.message, file), { cause: error });
  }
  const meaning = findMeaning(resultCode, error.message);
  if (meaning === undefined) {
    return error;
  }
  const message = `The database "${file}" ${meaning.advice} (SQLite: ${error.message}).`;
  return new StorageError(meaning.code, message, { cause: error });
}

/** Says what is taken in the words of the definition, from what SQLite says of our tables: `... failed: <table>.<column>, ...`. */
function describeTaken(message: string, file: string): string {
  const [, kind, name, rest = ''] = /: (entity|document|unique)_(\w+)\.(.*)$/.exec(message) ?? [];
  if (name === undefined) {
    return `The database "${file}" has that key or unique value already; use another.`;
  }
  const columns = rest.replaceAll(`entity_${name}.`, '');
  const what = kind === 'entity' ? `value of ${columns}` : kind === 'document' ? 'key' : 'value at a unique path';
  return `Another ${name} in "${file}" has the same ${what}; use another value, or change that one.`;
}

function findMeaning(resultCode: number, message: string): Meaning | undefined {
  if (resultCode === TRIGGER) {
    return triggerMeanings.get(message);
  }
  if (resultCode === SHORT_READ) {
    return cutOff;
  }
  if (resultCode === 1 && message === UNKNOWN_FORMAT) {
    return damagedHeader;
  }
  return resultCode === 1 && LOST_PART.test(message) ? lostPart : primaryMeanings.get(resultCode & 0xff);
}

/** Codes of node:sqlite: a closed connection or statement, an integer that is not safe. */
function hasCode(error: unknown, code: 'ERR_INVALID_STATE' | 'ERR_OUT_OF_RANGE'): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
