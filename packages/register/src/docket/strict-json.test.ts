import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from './limits.ts';
import { parseStrictJson } from './strict-json.ts';

const codeOf = (text: string) => parseStrictJson(text).problem?.code;
const nest = (levels: number) => `{"a":`.repeat(levels - 1) + '{}' + '}'.repeat(levels - 1);

describe('parseStrictJson', () => {
  it.each([
    ['a repeated name', '{"a":1,"a":2}'],
    ['a repeated name behind an escape', '{"a":1,"\\u0061":2}'],
    ['a repeated name behind two escapes', '{"\\u0061":1,"b":[],"\\u0061":2}'],
    ['a repeated name in a nested object', '{"x":[{"y":{"a":1,"b":2,"a":3}}]}'],
    ['a repeated name after a nested object', '{"a":{"b":1},"a":2}'],
    ['a repeated empty name', '{"":1,"":2}'],
    ['__proto__', '{"__proto__":{"isAdmin":true}}'],
    ['__proto__ in a nested object', '{"a":[{"__proto__":1}]}'],
    ['__proto__ behind an escape', '{"__pr\\u006fto__":1}'],
    ['a raw lone high surrogate', '{"a":"\ud83d"}'],
    ['a raw lone low surrogate in a name', '{"\ude00":1}'],
    ['an escaped lone high surrogate', '{"a":"\\ud83d"}'],
    ['an escaped lone low surrogate', '{"a":"\\uDE00x"}'],
    ['escaped surrogates in the wrong order', '{"a":"\\ude00\\ud83d"}'],
    ['an escaped lone surrogate in a name', '{"\\ud83d":1}'],
    ['a high surrogate before an escaped backslash', '{"a":"\\ud83d\\\\ude00"}'],
    ['a number above every double', '{"a":1e400}'],
    ['a number below every double', '{"a":[-1e400]}'],
    ['a leading zero', '{"a":01}'],
    ['a missing colon', '{"a" 1}'],
    ['a trailing comma', '{"a":1,}'],
    ['an open string', '{"a":"b}'],
    ['a string that ends in a backslash', '{"a":"\\"}'],
    ['a raw control character', '{"a":"\u0001"}'],
    ['a bad escape', '{"a":"\\x41"}'],
    ['a bad escape in a name', '{"\\u00g1":1}'],
    ['brackets that do not match', '{"a":[}]}'],
    ['two objects', '{}{}'],
    ['NaN', '{"a":NaN}'],
    ['a comment', '{/* */}'],
    ['a byte order mark', '\ufeff{}'],
    ['space in front', ' {}'],
    ['a carriage return at the end', '{}\r'],
    ['an array', '[]'],
    ['a string', '"a"'],
    ['nothing', ''],
  ])('refuses %s', (_name, text) => {
    expect(codeOf(text)).toBe('INVALID');
  });

  it.each(['1.0', '0.0', '1e3', '10E-1', '-0', '-1', '999.99999999999999999999', '1e-400'])(
    'refuses %s for a member that must be a whole number, and takes it anywhere else',
    (number) => {
      const options = { hasWholeMembers: true };
      expect(parseStrictJson(`{"a":"x","b":${number}}`, options).problem?.code).toBe('INVALID');
      expect(parseStrictJson(`{"a":[],"b":${number}}`).value).toEqual({ a: [], b: Number(number) });
      const inside = `{"a":{"b":${number}},"c":[${number}],"d":0,"e":9007199254740991}`;
      expect(parseStrictJson(inside, options).value).toEqual(JSON.parse(inside));
    },
  );

  it('accepts the deepest allowed nesting and refuses one level more', () => {
    expect(codeOf(nest(LIMITS.jsonDepth))).toBeUndefined();
    expect(codeOf(nest(LIMITS.jsonDepth + 1))).toBe('LIMIT_EXCEEDED');
  });

  it.each([
    ['objects', nest(200_000)],
    ['arrays', `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
    ['brackets that nothing closes', `{"a":${'['.repeat(200_000)}}`],
  ])('refuses 200,000 nested %s without a stack overflow', (_name, text) => {
    expect(codeOf(text)).toBe('LIMIT_EXCEEDED');
  });

  it('counts depth, not brackets', () => {
    expect(codeOf(`{"a":[${'[],'.repeat(1000)}{}],"b":"${'['.repeat(1000)}"}`)).toBeUndefined();
  });

  it('lets the same name stand in different objects, as a value, and beside its prefix', () => {
    const text = '{"a":{"a":"a"},"b":[{"a":1},{"a":2}],"\\\\":"\\"","\\"":1,"aa":["a","a"]}';
    expect(parseStrictJson(text).value).toEqual(JSON.parse(text));
  });

  it('reads every JSON object as JSON.parse does', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary', maxDepth: 5 })),
        (value) => {
          const text = JSON.stringify({ ...value });
          fc.pre(!text.includes('__proto__'));
          expect(parseStrictJson(text).value).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  it('accepts nothing that JSON.parse refuses, and never throws', () => {
    const token = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      ':',
      ',',
      '"a"',
      '1',
      '-',
      'e',
      ' ',
      '\\u',
      '0',
      'true',
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
        const text = `{${tokens.join('')}}`;
        const { value } = parseStrictJson(text);
        if (value !== undefined) expect(value).toEqual(JSON.parse(text));
      }),
      { numRuns: 20_000 },
    );
  });
});
