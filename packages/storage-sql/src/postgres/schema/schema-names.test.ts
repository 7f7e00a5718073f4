import { describe, expect, test } from 'vitest';
import { checkSchemaName, fitName, toTenantSchema } from './schema-names.ts';

describe('the schema of a tenant', () => {
  test('is another one for every pair of schema and tenant, and no name is cut off', () => {
    const schemas = ['a', 'a_b', 'abc', 'x'.repeat(40)];
    const ids = [
      'a',
      'b',
      'ab',
      'a-b',
      'b-c',
      'x'.repeat(62),
      'x'.repeat(63),
      `${'x'.repeat(62)}y`,
      'y'.repeat(22),
      'y'.repeat(23),
    ];
    const names = schemas.flatMap((schema) => ids.map((id) => toTenantSchema(schema, id)));
    expect(new Set([...names, ...schemas]).size).toBe(names.length + schemas.length);
    expect(names.filter((name) => Buffer.byteLength(name) > 63)).toEqual([]);
  });

  test('is readable while it is short', () => {
    expect(toTenantSchema('sorcha', 'acme-1')).toBe('sorcha:acme-1');
  });
});

test('names that differ beyond what PostgreSQL keeps stay different', () => {
  const long = 'n'.repeat(63);
  expect(fitName(long)).toBe(long);
  expect(fitName(`${long}a`)).not.toBe(fitName(`${long}b`));
  expect(fitName(`${long}a`)).toHaveLength(63);
});

test.each(['', 'A', '1a', 'a-b', 'a:b', 'a.b', 'pg_x', 'a"b', 'a\u0000', 'é'])(
  '%j cannot be the schema of a store',
  (name) => {
    expect(() => checkSchemaName(name)).toThrow(expect.objectContaining({ code: 'INVALID' }));
  },
);
