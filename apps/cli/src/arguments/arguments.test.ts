import { describe, expect, it } from 'vitest';
import { CliError } from '../cli-error.ts';
import { parseAlgorithm, parseAlgorithms } from './parse-algorithms.ts';
import { parseDrafts } from './parse-drafts.ts';
import { parseJsonArgument } from './parse-json-argument.ts';
import { parseRandomSeed } from './parse-random-seed.ts';
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

describe('parseDrafts', () => {
  it('fills in what a draft leaves out', () => {
    expect(parseDrafts('[{"payloads":[1]}]', 'drafts')).toEqual([{ payloads: [1], metadata: {}, recipients: [] }]);
  });

  it.each([
    ['{}', 'must be a JSON array'],
    ['[]', 'must be a JSON array'],
    ['[1]', 'drafts[0] '],
    ['[{"payloads":[]},{"payloads":{}}]', 'drafts[1].payloads '],
    ['[{"payloads":[],"metadata":[]}]', 'drafts[0].metadata '],
    ['[{"payloads":[],"recipients":[1]}]', 'drafts[0].recipients '],
    ['[{"payloads":[],"amount":1}]', '"amount"'],
  ])('names what is wrong in %s', (text, named) => {
    expect(codeOf(() => parseDrafts(text, 'drafts'))).toBe('INVALID_INPUT');
    expect(() => parseDrafts(text, 'drafts')).toThrow(named);
  });
});
