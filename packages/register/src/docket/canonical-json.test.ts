import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCanonicalJson } from './canonical-json.ts';
import { parseJson } from './json-value.ts';
import { LIMITS } from './limits.ts';
import { parseStrictJson } from './strict-json.ts';

const nest = (levels: number) => {
  let value: unknown = {};
  for (let level = 1; level < levels; level++) value = { a: value };
  return value;
};
const cycle: Record<string, unknown> = {};
cycle.self = cycle;
let shared: unknown = {};
for (let level = 0; level < 60; level++) shared = [shared, shared];

describe('toCanonicalJson', () => {
  it.each([
    ['undefined', undefined],
    ['an undefined member', { a: undefined }],
    ['an undefined element', { a: [undefined] }],
    ['a hole in an array', { a: Array(1) }],
    ['NaN', { a: Number.NaN }],
    ['infinity', { a: Number.POSITIVE_INFINITY }],
    ['a bigint', { a: 1n }],
    ['a function', { a: () => 1 }],
    ['a symbol', { a: Symbol('a') }],
    ['a date', { a: new Date(0) }],
    ['a map', { a: new Map() }],
    ['bytes', { a: new Uint8Array(1) }],
    ['a lone surrogate', { a: '\ud83d' }],
    ['a lone surrogate in a name', { '\ude00': 1 }],
    ['a member named __proto__', { a: JSON.parse('{"__proto__":1}') as unknown }],
  ])('refuses %s', (_name, value) => {
    expect(() => toCanonicalJson(value)).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });

  it.each([
    ['one level too many', nest(LIMITS.jsonDepth + 1)],
    ['200,000 levels', nest(200_000)],
    ['a cycle', cycle],
    ['parts shared exponentially often', { shared }],
    ['more values than fit', { a: Array(LIMITS.transactionBytes + 1).fill(0) }],
  ])('refuses %s by a limit', (_name, value) => {
    expect(() => toCanonicalJson(value)).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }));
  });

  it('writes the example of RFC 8785, section 3.2.3, in its order', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew',
      '1': 'One',
      '\ud83d\ude00': 'Smiley',
      '\u0080': 'Control',
      ö: 'Latin',
    };
    expect(Object.values(parseJson(toCanonicalJson(value)) ?? {})).toEqual(
      Object.values({
        '1': 'One',
        '\r': 'Carriage Return',
        '\u0080': 'Control',
        ö: 'Latin',
        '\u20ac': 'Euro Sign',
        '\ud83d\ude00': 'Smiley',
        '\ufb33': 'Hebrew',
      }),
    );
    expect(toCanonicalJson({ b: [56.0, 1e30, 4.5, 0.002, 1e-27, -0], a: '\u0007"\\\n' })).toBe(
      '{"a":"\\u0007\\"\\\\\\n","b":[56,1e+30,4.5,0.002,1e-27,0]}',
    );
  });

  it('writes what the strict reader reads back, whatever the order of members', () => {
    const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 }), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(object, (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__') && !JSON.stringify(value).includes('-0'));
        const text = toCanonicalJson(value);
        expect(parseStrictJson(text).value).toEqual(JSON.parse(JSON.stringify(value)));
        expect(toCanonicalJson(Object.fromEntries(Object.entries(value).reverse()))).toBe(text);
      }),
    );
  });
});
