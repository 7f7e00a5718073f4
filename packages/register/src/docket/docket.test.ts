import { beforeAll, describe, expect, it } from 'vitest';
import { createDocket } from './create-docket.ts';
import { createTransaction } from './create-transaction.ts';
import type { Docket } from './docket.ts';
import { LIMITS } from './limits.ts';
import { parseDocketRecord } from './parse-docket.ts';
import { ZERO_HASH } from './sha256.ts';
import { createSigningKey, type SigningKey } from './signing-key.ts';
import type { Transaction } from './transaction.ts';

let key: SigningKey;
let transactions: Transaction[];
let docket: Docket;
const place = { registerId: 'ledger', height: 0, previousHash: ZERO_HASH, timestamp: 1_700_000_000_000 };

beforeAll(async () => {
  key = await createSigningKey('ed25519');
  transactions = [1, 2, 3].map((timestamp) => createTransaction({ registerId: 'ledger', timestamp }, key));
  docket = createDocket({ ...place, transactions });
});

const textOf = (record: Uint8Array) => Buffer.from(record).toString();
const codeOf = (text: string | Uint8Array) => parseDocketRecord(Buffer.from(text)).problem?.code;
const withHeader = (from: string | RegExp, to: string) => {
  const lines = textOf(docket.record).split('\n');
  return lines.with(2, (lines[2] ?? '').replace(from, to)).join('\n');
};

describe('parseDocketRecord', () => {
  it('reads what createDocket wrote', () => {
    const { value, problem } = parseDocketRecord(docket.record);
    expect(problem).toBeUndefined();
    expect(value).toEqual(docket);
    expect(docket.header).toEqual({ ...place, transactionCount: 3, transactionsRoot: docket.header.transactionsRoot });
    expect(docket.claimedHash).toBe(docket.hash);
    expect(docket.transactions.map(({ id }) => id)).toEqual(transactions.map(({ id }) => id));
  });

  it.each([
    ['nothing', () => ''],
    ['one line feed', () => '\n'],
    ['only the first line', (text: string) => text.slice(0, 24)],
    ['the last line feed missing', (text: string) => text.slice(0, -1)],
    ['a line feed too many', (text: string) => `${text}\n`],
    ['bytes after the last line feed', (text: string) => `${text}x`],
    ['a line feed in front', (text: string) => `\n${text}`],
    ['a byte order mark', (text: string) => `\ufeff${text}`],
    ['CRLF line ends', (text: string) => text.replaceAll('\n', '\r\n')],
    ['CR line ends', (text: string) => text.replaceAll('\n', '\r')],
    ['another version of the format', (text: string) => text.replace('record/v1', 'record/v2')],
    ['the claimed hash in capitals', (text: string) => text.replace(docket.hash, docket.hash.toUpperCase())],
    ['a claimed hash that is too short', (text: string) => text.replace(docket.hash, docket.hash.slice(1))],
    ['a line missing', (text: string) => text.split('\n').toSpliced(1, 1).join('\n')],
    ['an empty line', (text: string) => text.split('\n').toSpliced(4, 0, '').join('\n')],
    [
      'two lines swapped',
      (text: string) =>
        text
          .split('\n')
          .toSpliced(1, 2, ...text.split('\n').slice(1, 3).reverse())
          .join('\n'),
    ],
    ['a binary zero', (text: string) => text.replace('{', '{\0')],
    ['a space after the header', (text: string) => text.replace('}\n', '} \n')],
  ])('refuses %s', (_name, change) => {
    expect(codeOf(change(textOf(docket.record)))).toBe('INVALID');
  });

  it('refuses bytes that are not UTF-8 on any line', () => {
    for (let at = 0; at < docket.record.length; at += 7) {
      expect(codeOf(Buffer.from(docket.record).fill(0xc3, at, at + 1))).toBe('INVALID');
    }
  });

  it.each([
    ['height -1', '"height":0', '"height":-1'],
    ['height 2^53', '"height":0', '"height":9007199254740992'],
    ['height 01', '"height":0', '"height":01'],
    ['height 1.5', '"height":0', '"height":1.5'],
    ['height -0', '"height":0', '"height":-0'],
    ['height "0"', '"height":0', '"height":"0"'],
    ['height null', '"height":0', '"height":null'],
    ['no height', '"height":0,', ''],
    ['two heights', '"height":0', '"height":0,"height":0'],
    ['two heights, one with an escape', '"height":0', '"height":0,"\\u0068eight":1'],
    ['an unknown member', '"height":0', '"height":0,"nonce":1'],
    ['__proto__', '"height":0', '"height":0,"__proto__":null'],
    ['a transaction count of 0', '"transactionCount":3', '"transactionCount":0'],
    ['a transaction count above the limit', '"transactionCount":3', '"transactionCount":10001'],
    ['a negative time', '"timestamp":', '"timestamp":-'],
    ['a short previous hash', /"previousHash":"00/, '"previousHash":"'],
    ['a root in capitals', /"transactionsRoot":"[^"]*"/, `"transactionsRoot":"${'AB'.repeat(32)}"`],
    ['a bad register id', '"ledger"', '"a/b"'],
    ['a lone surrogate', '"ledger"', '"\\ud800"'],
  ])('refuses a header with %s', (_name, from, to) => {
    const bad = withHeader(from, to);
    expect(bad).not.toBe(textOf(docket.record));
    expect(codeOf(bad)).toBe('INVALID');
  });

  it('refuses 200,000 levels of nesting in a header and in a transaction', () => {
    const deep = '{"a":'.repeat(200_000);
    expect(codeOf(withHeader('"height":0', `"height":${deep}0${'}'.repeat(200_000)}`))).toBe('LIMIT_EXCEEDED');
    expect(codeOf(textOf(docket.record).replaceAll('"metadata":{', `"metadata":{"a":${deep}`))).toBe('LIMIT_EXCEEDED');
  });

  it('refuses records above the limits without reading them', () => {
    expect(codeOf(Buffer.alloc(LIMITS.docketBytes + 1, 0x0a))).toBe('LIMIT_EXCEEDED');
    const head = textOf(docket.record).split('\n').slice(0, 3).join('\n');
    const line = `${textOf(transactions[0]?.record ?? Buffer.alloc(0))}\n`;
    expect(codeOf(`${head}\n${line.repeat(LIMITS.transactionsPerDocket + 1)}`)).toBe('LIMIT_EXCEEDED');
  });

  it('still gives what can be read of a damaged record', () => {
    const { problem, readable } = parseDocketRecord(docket.record.subarray(0, -1));
    expect(problem?.code).toBe('INVALID');
    expect(readable).toEqual({ claimedHash: docket.hash, hash: docket.hash, header: docket.header });
    expect(parseDocketRecord(Buffer.from('garbage')).readable).toEqual({});
  });
});

describe('createDocket', () => {
  it('gives every order of transactions another root and hash', () => {
    const reversed = createDocket({ ...place, transactions: transactions.toReversed() });
    expect(reversed.header.transactionsRoot).not.toBe(docket.header.transactionsRoot);
    expect(reversed.hash).not.toBe(docket.hash);
  });

  it.each([
    ['no transactions', { transactions: [] }, 'INVALID'],
    ['height -1', { height: -1 }, 'INVALID'],
    ['height 2^53', { height: 2 ** 53 }, 'INVALID'],
    ['height 1.5', { height: 1.5 }, 'INVALID'],
    ['a previous hash in capitals', { previousHash: 'AB'.repeat(32) }, 'INVALID'],
    ['another register', { registerId: 'other' }, 'INVALID'],
  ])('refuses %s', (_name, change: object, code) => {
    expect(() => createDocket({ ...place, transactions, ...change })).toThrow(expect.objectContaining({ code }));
  });

  it('refuses a transaction that is in it twice', () => {
    const twice = [...transactions, ...transactions.slice(0, 1)];
    expect(() => createDocket({ ...place, transactions: twice })).toThrow(
      expect.objectContaining({ code: 'DUPLICATE_TRANSACTION' }),
    );
  });

  it('refuses more bytes or transactions than a docket may have', () => {
    const large = [1, 2, 3, 4, 5, 6, 7, 8].map((timestamp) =>
      createTransaction(
        { registerId: 'ledger', timestamp, payloads: ['x'.repeat(LIMITS.transactionBytes - 1000)] },
        key,
      ),
    );
    const oversize: unknown = expect.objectContaining({ code: 'LIMIT_EXCEEDED' });
    expect(createDocket({ ...place, transactions: large }).transactions).toHaveLength(8);
    expect(() =>
      createDocket({
        ...place,
        transactions: [
          ...large,
          ...transactions,
          createTransaction({ registerId: 'ledger', timestamp: 9, payloads: ['x'.repeat(8000)] }, key),
        ],
      }),
    ).toThrow(oversize);
    const small = createTransaction({ registerId: 'ledger', timestamp: 0 }, key);
    const many = Array.from({ length: LIMITS.transactionsPerDocket + 1 }, (_, index) => ({ ...small, id: `${index}` }));
    expect(() => createDocket({ ...place, transactions: many })).toThrow(oversize);
  });
});
