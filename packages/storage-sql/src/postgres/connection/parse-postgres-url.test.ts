import { describe, expect, test } from 'vitest';
import { parsePostgresUrl } from './parse-postgres-url.ts';

describe('what a url says', () => {
  test.each([
    ['postgres://u:p@h:1/d', { user: 'u', password: 'p', host: 'h', port: 1, database: 'd', ssl: false }],
    ['postgresql://u@h', { user: 'u', password: '', host: 'h', ssl: false }],
    ['postgres://u:p%40%2F%3A@h/a%20b', { user: 'u', password: 'p@/:', host: 'h', database: 'a b', ssl: false }],
    [
      'postgres://u@[::1]:5432/d?sslmode=require',
      { user: 'u', password: '', host: '::1', port: 5432, database: 'd', ssl: true },
    ],
    [
      'postgres://u@h/d?sslmode=no-verify',
      { user: 'u', password: '', host: 'h', database: 'd', ssl: { rejectUnauthorized: false } },
    ],
    [
      'postgres://u@/d?host=/run/postgresql',
      { user: 'u', password: '', host: '/run/postgresql', database: 'd', ssl: false },
    ],
  ])('%s', (url, expected) => {
    expect(parsePostgresUrl(url)).toEqual(expected);
  });
});

describe('what is no url is INVALID and not repeated', () => {
  test.each([
    'u:secret@h/d',
    'mysql://u:secret@h/d',
    'postgres://u:secret@h:99999/d',
    'postgres://u:secret@h/d?sslmode=sometimes',
    'postgres://u:secret@h/d?options=-c%20x',
    'postgres://u:secret%@h/d',
    '',
  ])('%s', (url) => {
    const parse = () => parsePostgresUrl(url);
    expect(parse).toThrow(expect.objectContaining({ code: 'INVALID' }));
    expect(parse).not.toThrow(/secret/u);
  });
});
