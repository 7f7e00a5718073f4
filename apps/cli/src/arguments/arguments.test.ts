import { chooseSeed, createRandom } from '@sorcha/storage/testing';
import { describe, expect, it } from 'vitest';
import { CliError } from '../cli-error.ts';
import { findInexactNumber } from './find-inexact-number.ts';
import { parseAlgorithm, parseAlgorithms } from './parse-algorithms.ts';
import { parseDrafts } from './parse-drafts.ts';
import { parseJsonArgument } from './parse-json-argument.ts';
import { parseRandomSeed } from './parse-random-seed.ts';
import { parseSignedRecords } from './parse-signed-records.ts';
import { parseTransactionId } from './parse-transaction-id.ts';
import { parseHeight, parseWholeNumber } from './parse-whole-number.ts';

/** The code that a parser refuses with. */
function codeOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return error instanceof CliError ? error.code : String(error);
  }
}

describe('parseWholeNumber', () => {
  it('reads plain decimal digits within the bounds, both inclusive', () => {
    const bounds = { name: '--count', min: 1, max: 100 };
    expect(['1', '42', '100'].map((text) => parseWholeNumber(text, bounds))).toEqual([1, 42, 100]);
    expect(['0', '101'].map((text) => codeOf(() => parseWholeNumber(text, bounds)))).toEqual(['USAGE', 'USAGE']);
  });

  it.each(['', ' 1', '1 ', '01', '-0', '+1', '1.0', '1e3', '0x1', '1_000', '٣', '9007199254740992', 'NaN', 'Infinity'])(
    'refuses %j as a height',
    (text) => {
      expect(codeOf(() => parseHeight(text))).toBe('USAGE');
    },
  );

  it('takes the greatest height that a double holds exactly', () => {
    expect(parseHeight('9007199254740991')).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('parseRandomSeed', () => {
  it('reads a seed of 32 bits and makes one when there is none', () => {
    expect(parseRandomSeed('4294967295')).toBe(4_294_967_295);
    expect(codeOf(() => parseRandomSeed('4294967296'))).toBe('USAGE');
    expect(Number.isSafeInteger(parseRandomSeed(undefined))).toBe(true);
  });
});

describe('parseAlgorithms', () => {
  it('takes names in their order, spaces aside', () => {
    expect(parseAlgorithms('p-256, ed25519')).toEqual(['p-256', 'ed25519']);
  });

  it('mixes all algorithms, RSA one time in twenty', () => {
    const mixed = parseAlgorithms('mixed');
    const count = (name: string) => mixed.filter((each) => each === name).length;
    expect([count('ed25519'), count('p-256'), count('rsa-4096')]).toEqual([10, 9, 1]);
  });

  it.each(['', 'dsa', 'ed25519,', 'ED25519', 'toString'])('refuses %j', (text) => {
    expect(codeOf(() => parseAlgorithms(text))).toBe('USAGE');
    expect(codeOf(() => parseAlgorithm(text, '--algorithm'))).toBe('USAGE');
  });
});

describe('parseTransactionId', () => {
  it('takes 64 lower-case hex digits and nothing else', () => {
    const id = '0123456789abcdef'.repeat(4);
    expect(parseTransactionId(id)).toBe(id);
    for (const text of [id.toUpperCase(), `${id}0`, id.slice(1), `${id}\n`, '']) {
      expect(codeOf(() => parseTransactionId(text))).toBe('USAGE');
    }
  });
});

describe('parseJsonArgument', () => {
  it.each([['1'], ['"x"'], ['null'], [' {"a":[1,{"b":null}]} '], ['[]'], ['"}{"']])('reads %s', (text) => {
    expect(parseJsonArgument(text, '--payload')).toEqual(JSON.parse(text));
  });

  it.each(['', '1 2', '{"a":1,"a":2}', '1},{"b":2', '1,"b":2', '{"__proto__":1}', '"\\ud800"', '1e999', '{} //'])(
    'refuses %s',
    (text) => {
      expect(codeOf(() => parseJsonArgument(text, '--payload'))).toBe('INVALID_INPUT');
    },
  );
});

describe('a number in JSON', () => {
  it.each(['0', '-0', '1.0', '1e3', '-2.50E-1', '0.1', '1e23', '9007199254740992', '5e-324', `1${'0'.repeat(308)}`])(
    'is taken as it is written, or written otherwise: %s',
    (number) => {
      expect(parseJsonArgument(`{"a":[${number}]}`, '--payload')).toEqual({ a: [Number(number)] });
    },
  );

  it.each([
    '12345678901234567890123',
    '9007199254740993',
    '-9007199254740993',
    '0.1000000000000000055511151231257827',
    '1e-400',
    '1.0000000000000000000001',
    `1${'0'.repeat(400)}1e-401`,
  ])('is refused by name when a double carries only a part of it: %s', (number) => {
    expect(codeOf(() => parseJsonArgument(`{"a":"1","b":[${number}]}`, '--payload'))).toBe('INVALID_INPUT');
    expect(() => parseJsonArgument(number, '--payload')).toThrow(number.slice(0, 40));
  });

  it('is no number inside a string', () => {
    const text = String.raw`"9007199254740993 \" 9007199254740993"`;
    expect(parseJsonArgument(text, '--payload')).toBe(JSON.parse(text));
  });

  it('agrees with the digits that a double keeps, for random numbers', () => {
    const random = createRandom(chooseSeed('numbers'));
    for (let step = 0; step < 2_000; step++) {
      const value = (random() - 0.5) * 10 ** Math.floor(random() * 40 - 20);
      expect(findInexactNumber(String(value))).toBeUndefined();
      const [digits, exponent] = value.toExponential(20).split('e');
      const longer = `${digits}7e${exponent}`;
      expect(findInexactNumber(longer)).toBe(longer);
    }
  });
});

describe('parseSignedRecords', () => {
  it('divides lines at line feeds, a carriage return before them aside', () => {
    expect(parseSignedRecords('a\r\nb\nc', 'records')).toEqual(['a', 'b', 'c']);
    expect(parseSignedRecords('a\r\n', 'records')).toEqual(['a']);
    expect(codeOf(() => parseSignedRecords('a\r\n\r\nb', 'records'))).toBe('INVALID_INPUT');
  });
});

describe('parseDrafts', () => {
  it('fills in what a draft leaves out', () => {
    expect(parseDrafts('[{"payloads":[1]}]', 'drafts')).toEqual([{ payloads: [1], metadata: {}, recipients: [] }]);
  });

  it.each([
    ['{}', 'must be a JSON array'],
    ['[]', 'must be a JSON array'],
    ['[1]', 'Transaction 1 of drafts '],
    ['[{"payloads":[]},{"payloads":{}}]', 'The payloads of transaction 2 of drafts '],
    ['[{"payloads":[],"metadata":[]}]', 'The metadata of transaction 1 of drafts '],
    ['[{"payloads":[],"recipients":[1]}]', 'The recipients of transaction 1 of drafts '],
    ['[{"payloads":[9007199254740993]}]', ' 9007199254740993, '],
    ['[{"payloads":[],"amount":1}]', '"amount"'],
  ])('names what is wrong in %s', (text, named) => {
    expect(codeOf(() => parseDrafts(text, 'drafts'))).toBe('INVALID_INPUT');
    expect(() => parseDrafts(text, 'drafts')).toThrow(named);
  });
});
