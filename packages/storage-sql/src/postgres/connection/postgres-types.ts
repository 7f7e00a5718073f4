import { StorageError } from '@sorcha/storage';

/** Numbers of types, from the catalog `pg_type`. */
const BOOL = 16;
const BYTEA = 17;
const INT8 = 20;
const INT4 = 23;
const FLOAT8 = 701;
const TIMESTAMPTZ = 1184;

const parsers: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [BOOL, (text) => text === 't'],
  // Printed as `\x` and hex digits.
  [BYTEA, (text) => Buffer.from(text.slice(2), 'hex')],
  [INT8, parseInteger],
  [INT4, Number],
  [FLOAT8, Number],
  [TIMESTAMPTZ, parseTimestamp],
]);

const asText = (text: string) => text;

/**
 * What values of the server become: numbers, booleans, dates and bytes; everything else stays text, JSON too, whose readers
 * say where it stands when it cannot be read.
 */
export const postgresTypes = { getTypeParser: (oid: number) => parsers.get(oid) ?? asText };

function parseInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    throw new StorageError('CORRUPTED', `The database holds the integer ${text}, which no store writes; restore it.`);
  }
  return value;
}

/** `0001-01-01 00:00:00.001+00`, and `BC` behind it for the years before. */
const TIMESTAMP = /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?\+00(?::00)?( BC)?$/u;

function parseTimestamp(text: string): Date {
  // Read by the machine where it can, which is ten times as fast.
  const usual =
    text.endsWith('+00') && text[10] === ' ' ? new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`) : undefined;
  if (usual !== undefined && !Number.isNaN(usual.getTime())) {
    return usual;
  }
  const found = TIMESTAMP.exec(text);
  if (found === null) {
    throw new StorageError('CORRUPTED', `The database holds the time "${text}", which no store writes; restore it.`);
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const millisecond = Number((found[7] ?? '').padEnd(3, '0').slice(0, 3));
  const date = new Date(0);
  date.setUTCFullYear(found[8] === undefined ? year : 1 - year, month - 1, day);
  date.setUTCHours(hour, minute, second, millisecond);
  return date;
}

/** The first moment that PostgreSQL can keep: 24 November 4714 BC. */
const FIRST_TIME = Date.UTC(-4713, 10, 24);

/** A time as PostgreSQL reads it; `undefined` when it is before the first one that can be kept. */
export function toTimestampText(date: Date): string | undefined {
  if (date.getTime() < FIRST_TIME) {
    return undefined;
  }
  const year = date.getUTCFullYear();
  // The year stands in front, signed and with six digits when it has not four.
  const rest = date.toISOString().slice(year >= 0 && year <= 9_999 ? 4 : 7);
  return year > 0 ? `${String(year).padStart(4, '0')}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`;
}
