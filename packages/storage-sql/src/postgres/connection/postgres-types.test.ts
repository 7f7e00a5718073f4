import { describe, expect, test } from 'vitest';
import { postgresTypes, toTimestampText } from './postgres-types.ts';

const TIMESTAMPTZ = 1184;
const INT8 = 20;
const parse = (oid: number, text: string): unknown => postgresTypes.getTypeParser(oid)(text);

describe('times', () => {
  test.each([
    ['1970-01-01 00:00:00+00', 0],
    ['1969-12-31 23:59:59.999+00', -1],
    ['2026-01-02 03:04:05.6+00', Date.UTC(2026, 0, 2, 3, 4, 5, 600)],
    ['2026-01-02 03:04:05.678999+00', Date.UTC(2026, 0, 2, 3, 4, 5, 678)],
    ['0001-01-01 00:00:00.001+00', new Date('0001-01-01T00:00:00.001Z').getTime()],
    ['0001-12-31 00:00:00+00 BC', new Date('0000-12-31T00:00:00Z').getTime()],
    ['4714-11-24 00:00:00+00 BC', Date.UTC(-4713, 10, 24)],
    ['275760-09-13 00:00:00+00', 8_640_000_000_000_000],
  ])('are read: %s', (text, time) => {
    expect(parse(TIMESTAMPTZ, text)).toEqual(new Date(time));
  });

  test.each(['infinity', '2026-01-01 00:00:00+05:45', '01/02/2026', ''])(
    'that no store writes are CORRUPTED: %s',
    (text) => {
      expect(() => parse(TIMESTAMPTZ, text)).toThrow(expect.objectContaining({ code: 'CORRUPTED' }));
    },
  );

  test.each([
    [Date.UTC(2026, 0, 2, 3, 4, 5, 6), '2026-01-02T03:04:05.006Z'],
    [8_640_000_000_000_000, '275760-09-13T00:00:00.000Z'],
    [new Date('0000-03-01T00:00:00Z').getTime(), '0001-03-01T00:00:00.000Z BC'],
    [Date.UTC(-4713, 10, 24), '4714-11-24T00:00:00.000Z BC'],
  ])('are written: %i', (time, text) => {
    expect(toTimestampText(new Date(time))).toBe(text);
  });

  test('before the first that PostgreSQL keeps have no text', () => {
    expect(toTimestampText(new Date(Date.UTC(-4713, 10, 24) - 1))).toBeUndefined();
  });
});

test('integers are numbers while they are exact, else CORRUPTED', () => {
  expect(parse(INT8, '-9007199254740991')).toBe(Number.MIN_SAFE_INTEGER);
  expect(() => parse(INT8, '9007199254740993')).toThrow(expect.objectContaining({ code: 'CORRUPTED' }));
});
