import { chooseSeed, createRandom } from '@sorcha/storage/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { createKeyPool } from '../testing/create-key-pool.ts';
import { createDocket } from './create-docket.ts';
import { createTransaction, type TransactionDraft } from './create-transaction.ts';
import { parseDocketOutline, toTransactionOutline } from './docket-outline.ts';
import { LIMITS } from './limits.ts';
import { parseDocketRecord } from './parse-docket.ts';
import { readOrdinaryDocket } from './read-ordinary-docket.ts';
import { ZERO_HASH } from './sha256.ts';

const MUTATIONS = 20_000;
const keys = createKeyPool(2);
let recipients: string[];
beforeAll(async () => {
  recipients = await Promise.all([0, 1].map(async (index) => (await keys.get('ed25519', index)).address));
}, 60_000);

type Contents = Omit<TransactionDraft, 'registerId' | 'timestamp'>;

async function createRecord(contents: readonly Contents[]): Promise<string> {
  const transactions = await Promise.all(
    contents.map(async (draft, index) => {
      const key = await keys.get((['ed25519', 'p-256', 'rsa-4096'] as const)[index % 3] ?? 'ed25519', index);
      return createTransaction({ registerId: 'ledger', timestamp: 1_700_000_000_000 + index, ...draft }, key);
    }),
  );
  const docket = createDocket({
    registerId: 'ledger',
    height: 0,
    previousHash: ZERO_HASH,
    timestamp: 1_700_000_000_000,
    transactions,
  });
  return Buffer.from(docket.record).toString();
}

/** What the reader of whole dockets makes of a record. */
function readWhole(record: Buffer) {
  const { value, problem } = parseDocketRecord(record);
  if (value === undefined) return { problem };
  const { header, hash, claimedHash, transactions } = value;
  return { header, hash, claimedHash, transactions: transactions.map(toTransactionOutline) };
}

const ordinary: readonly Contents[] = [
  { metadata: { type: 'meter', run: 'a' }, payloads: [{ docket: 1, index: -2, ratio: 0.25, ok: true, none: null }] },
  { metadata: {}, payloads: [] },
  { metadata: { '': '' }, payloads: ['text', 1, null, {}, 'naïve – ünïcode \u{1F600}'] },
];
const unusual: readonly Contents[] = [
  { metadata: { quoted: 'a"b\\c\n' } },
  { metadata: { deep: { deeper: [1, [2]] } } },
  { payloads: [1e300, 123_456_789_012_345_680] },
];

describe('readOrdinaryDocket', () => {
  it('reads what this software mostly writes, as parseDocketRecord does', async () => {
    const text = await createRecord(ordinary.map((draft) => ({ ...draft, recipients })));
    const record = Buffer.from(text);
    expect(readOrdinaryDocket(record)).toEqual(readWhole(record));
  });

  it.each(unusual)('leaves %j to the other reader', async (draft) => {
    const record = Buffer.from(await createRecord([draft]));
    expect(readOrdinaryDocket(record)).toBeUndefined();
    expect(parseDocketOutline(record).value).toEqual(readWhole(record));
  });

  it('reads nothing that parseDocketRecord refuses or reads otherwise', async () => {
    const random = createRandom(chooseSeed('ordinary dockets'));
    const below = (limit: number) => Math.floor(random() * limit);
    const texts = [await createRecord(ordinary), await createRecord([{ recipients, payloads: [{ a: 1, b: 'c' }] }])];
    // What could be a mistake of one reader and not of the other, besides any byte.
    const pieces = [
      '"a":1,"a":2',
      '"__proto__":1',
      '1.0',
      '01',
      '-0',
      '1e3',
      ' ',
      '\\',
      '"',
      ',',
      '{}',
      '[]',
      '\u0000',
      '\n',
      'é',
      '{"a":1,"a":1}',
      recipients[0] ?? '',
    ];
    let read = 0;
    for (let round = 0; round < MUTATIONS; round += 1) {
      const text = texts[round % texts.length] ?? '';
      const at = below(text.length);
      const piece = random() < 0.5 ? (pieces[below(pieces.length)] ?? '') : String.fromCharCode(below(0x80));
      const mutated = text.slice(0, at) + piece + text.slice(at + below(4));
      const record = Buffer.from(mutated);
      if (random() < 0.2) record[below(record.length)] = below(256);
      const outline = readOrdinaryDocket(record);
      if (outline !== undefined) {
        read += 1;
        expect(outline, mutated).toEqual(readWhole(record));
      }
    }
    expect(read).toBeGreaterThan(MUTATIONS / 50);
  }, 60_000);

  it.each([
    ['a name twice in the metadata', '"metadata":{}', '"metadata":{"a":1,"a":2}'],
    ['a name twice in a payload', '"payloads":[]', '"payloads":[{"b":1},{"a":1,"b":":","a":2}]'],
    ['a name that looks like the end of a value', '"metadata":{}', '"metadata":{"a":"b",":x":1,":x":2}'],
    ['the name __proto__', '"metadata":{}', '"metadata":{"__proto__":1}'],
    [
      'too many payloads',
      '"payloads":[]',
      `"payloads":[${Array(LIMITS.payloads + 1)
        .fill('1')
        .join()}]`,
    ],
    ['a fraction as a time', /"timestamp":\d+\}\n$/u, '"timestamp":1.0}\n'],
    ['a time that is too late', /"timestamp":\d+\}\n$/u, '"timestamp":9007199254740992}\n'],
    ['another register id', /"registerId":"ledger","sender"/u, '"registerId":"-ledger","sender"'],
    ['a key of another length', '"publicKey":"', '"publicKey":"AAAA'],
  ])('does not read %s', async (_, from, to) => {
    const text = (await createRecord([{}])).replace(from, to);
    expect(readOrdinaryDocket(Buffer.from(text))).toBeUndefined();
    expect(parseDocketRecord(Buffer.from(text)).problem).toBeDefined();
  });
});
