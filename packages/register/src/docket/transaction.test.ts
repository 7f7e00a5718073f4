import { beforeAll, describe, expect, it } from 'vitest';
import { ALGORITHMS } from './algorithm.ts';
import { toBase64url } from './base64url.ts';
import { checkTransaction } from './check-transaction.ts';
import { createTransaction, type TransactionDraft } from './create-transaction.ts';
import type { JsonValue } from './json-value.ts';
import { LIMITS } from './limits.ts';
import { parseTransactionRecord } from './parse-transaction.ts';
import { createSigningKey, type SigningKey } from './signing-key.ts';
import { type Transaction, toSignedBytes } from './transaction.ts';
import { toUtf8 } from './utf8.ts';

let alice: SigningKey;
let bob: SigningKey;
let transaction: Transaction;
const draft: TransactionDraft = { registerId: 'ledger', timestamp: 1_700_000_000_000, payloads: [{ note: 'é😀' }] };

beforeAll(async () => {
  [alice, bob] = await Promise.all([createSigningKey('ed25519'), createSigningKey('p-256')]);
  transaction = createTransaction(draft, alice);
});

const textOf = ({ record }: Transaction) =>
  Buffer.from(record)
    .toString()
    .slice(record.indexOf(0x20) + 1);
/** A record whose signature over the given body text is valid. */
const sign = (text: string, key = alice) => `${toBase64url(key.sign(toSignedBytes(toUtf8(text))))} ${text}`;
const codeOf = (record: Uint8Array | string) => checkTransaction(record, 'ledger').problem?.code;
/** The code for a correctly signed body with some members replaced; `undefined` removes a member. */
const codeOfBody = (change: Record<string, JsonValue | undefined>) =>
  codeOf(sign(JSON.stringify({ ...transaction.body, ...change })));

describe('a transaction record from outside', () => {
  it('is accepted when its sender signed it, as bytes and as text', () => {
    const { value } = checkTransaction(Buffer.from(transaction.record).toString(), 'ledger');
    expect(value).toEqual(checkTransaction(transaction.record, 'ledger').value);
    expect(value?.id).toBe(transaction.id);
    expect(codeOfBody({})).toBeUndefined();
  });

  it('keeps its meaning in any JSON spelling, because bytes are verified and not values', () => {
    const spaced = textOf(transaction).replace(',', ' ,\t').replace('"note"', '"\\u006eote"');
    expect(checkTransaction(sign(spaced), 'ledger').value?.body).toEqual(transaction.body);
  });

  it.each([
    ['the registerId', { registerId: 'Ledger' }],
    ['the registerId (64 characters)', { registerId: 'a'.repeat(64) }],
    ['the sender', { sender: 'ws1alice' }],
    ['the sender (not text)', { sender: null }],
    ['an unknown algorithm', { signer: { algorithm: 'ed448', publicKey: 'AA' } }],
    ['an algorithm named like an inherited member', { signer: { algorithm: 'constructor', publicKey: 'AA' } }],
    ['a signer without a key', { signer: { algorithm: 'ed25519' } }],
    ['a signer with another member', { signer: { algorithm: 'ed25519', publicKey: 'A'.repeat(43), kid: 1 } }],
    ['a key that is too short', { signer: { algorithm: 'ed25519', publicKey: toBase64url(Buffer.alloc(31)) } }],
    ['a key that is too long', { signer: { algorithm: 'ed25519', publicKey: toBase64url(Buffer.alloc(33)) } }],
    ['a key in padded base64', { signer: { algorithm: 'ed25519', publicKey: `${'A'.repeat(43)}=` } }],
    ['a P-256 key of RSA length', { signer: { algorithm: 'p-256', publicKey: toBase64url(Buffer.alloc(512, 255)) } }],
    ['recipients that are no array', { recipients: {} }],
    ['a recipient that is no address', { recipients: ['bob'] }],
    ['a previousTransactionId in capitals', { previousTransactionId: 'AB'.repeat(32) }],
    ['a previousTransactionId that is too short', { previousTransactionId: 'ab' }],
    ['a missing previousTransactionId', { previousTransactionId: undefined }],
    ['a timestamp of -1', { timestamp: -1 }],
    ['a timestamp of 2^53', { timestamp: 2 ** 53 }],
    ['a timestamp of 1.5', { timestamp: 1.5 }],
    ['a timestamp in quotes', { timestamp: '01' }],
    ['metadata that are an array', { metadata: [] }],
    ['metadata that are null', { metadata: null }],
    ['payloads that are no array', { payloads: 'none' }],
    ['an unknown member', { memo: 'hi' }],
  ])('is refused for %s, even when correctly signed', (_name, change) => {
    expect(codeOfBody(change)).toBe('INVALID');
  });

  it('is refused for a repeated recipient', () => {
    expect(codeOfBody({ recipients: [bob.address, alice.address] })).toBeUndefined();
    expect(codeOfBody({ recipients: [bob.address, alice.address, bob.address] })).toBe('INVALID');
  });

  it('is refused above the limits, and accepted at them', () => {
    expect(codeOfBody({ payloads: Array(LIMITS.payloads).fill(0) })).toBeUndefined();
    expect(codeOfBody({ payloads: Array(LIMITS.payloads + 1).fill(0) })).toBe('LIMIT_EXCEEDED');
    expect(codeOfBody({ recipients: Array(LIMITS.recipients + 1).fill(bob.address) })).toBe('LIMIT_EXCEEDED');
    const rest = Buffer.byteLength(sign(JSON.stringify({ ...transaction.body, metadata: { pad: '' } })));
    const pad = (bytes: number) => ({ metadata: { pad: 'x'.repeat(bytes) } });
    expect(codeOfBody(pad(LIMITS.transactionBytes - rest))).toBeUndefined();
    expect(codeOfBody(pad(LIMITS.transactionBytes - rest + 1))).toBe('LIMIT_EXCEEDED');
  });

  it.each([
    ['01', '"timestamp":01'],
    ['-0', '"timestamp":-0'],
    ['2^53', '"timestamp":9007199254740992'],
    ['twice', '"timestamp":1,"timestamp":1700000000000'],
    ['twice behind an escape', '"timestamp":1,"\\u0074imestamp":1700000000000'],
    ['nothing', '"timestamp":'],
  ])('is refused for a timestamp spelt %s', (_name, spelling) => {
    expect(codeOf(sign(textOf(transaction).replace('"timestamp":1700000000000', spelling)))).toBe('INVALID');
  });

  it('is refused for hostile nesting', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    expect(codeOf(sign(textOf(transaction).replace('"metadata":{}', `"metadata":{"a":${deep}}`)))).toBe(
      'LIMIT_EXCEEDED',
    );
    expect(codeOf(sign(textOf(transaction).replace('"metadata":{}', '"metadata":{"__proto__":1}')))).toBe('INVALID');
  });

  it('is refused with anything around, between or instead of its parts', () => {
    const text = Buffer.from(transaction.record).toString();
    const body = textOf(transaction);
    for (const bad of [
      '',
      ' ',
      'garbage',
      `${text}\n`,
      `${text}\r\n`,
      `${text} `,
      ` ${text}`,
      `\ufeff${text}`,
      text.replace(' ', '  '),
      text.replace(' ', '\n'),
      text.replace(' ', ''),
      body,
      `${text}\n${text}`,
      text.replace('é', '\ud83d'),
    ]) {
      expect(codeOf(bad)).toBe('INVALID');
    }
    // A correctly signed line feed inside would make two lines of one transaction.
    expect(codeOf(sign(body.replace(',', ',\n')))).toBe('INVALID');
    expect(codeOf(Buffer.concat([transaction.record, Uint8Array.of(0xff)]))).toBe('INVALID');
  });

  it('is refused for a signature of a wrong length or spelling', () => {
    const body = textOf(transaction);
    const { signatureBytes } = ALGORITHMS.ed25519;
    for (const length of [0, 1, signatureBytes - 1, signatureBytes + 1, 512]) {
      expect(codeOf(`${toBase64url(Buffer.alloc(length))} ${body}`)).toBe('INVALID');
    }
    expect(codeOf(`${transaction.signature}== ${body}`)).toBe('INVALID');
  });

  it('is refused for a signature that its sender did not make', () => {
    const body = textOf(transaction);
    const stolen = createTransaction({ ...draft, timestamp: 1 }, alice).signature;
    expect(codeOf(`${stolen} ${body}`)).toBe('INVALID_SIGNATURE');
    expect(codeOf(`${toBase64url(Buffer.alloc(64))} ${body}`)).toBe('INVALID_SIGNATURE');
    expect(codeOf(`${toBase64url(alice.sign(toUtf8(body)))} ${body}`)).toBe('INVALID_SIGNATURE');
    expect(codeOfBody({ timestamp: 5 })).toBeUndefined();
    expect(codeOf(`${transaction.signature} ${body.replace('1700000000000', '1700000000001')}`)).toBe(
      'INVALID_SIGNATURE',
    );
  });

  it('is refused when the sender is not the owner of the key', () => {
    expect(codeOfBody({ sender: bob.address })).toBe('INVALID_SIGNATURE');
    const signer = { algorithm: 'p-256', publicKey: toBase64url(bob.publicKey.raw) };
    expect(codeOf(sign(JSON.stringify({ ...transaction.body, signer }), bob))).toBe('INVALID_SIGNATURE');
  });

  it('is refused for weak keys and keys that are no points', () => {
    const weak = (algorithm: string, raw: Uint8Array) =>
      codeOfBody({ signer: { algorithm, publicKey: toBase64url(raw) } });
    expect(weak('ed25519', Buffer.alloc(32))).toBe('INVALID_KEY');
    expect(weak('ed25519', Buffer.alloc(32, 0xff))).toBe('INVALID_KEY');
    expect(weak('p-256', Buffer.alloc(65, 4))).toBe('INVALID_KEY');
    const signature = toBase64url(Buffer.alloc(512));
    const signer = { algorithm: 'rsa-4096', publicKey: toBase64url(Buffer.alloc(512, 1)) };
    expect(codeOf(`${signature} ${JSON.stringify({ ...transaction.body, signer })}`)).toBe('INVALID_KEY');
  });

  it('is refused by another register', () => {
    expect(checkTransaction(transaction.record, 'other').problem?.code).toBe('INVALID');
  });
});

describe('createTransaction', () => {
  it.each([undefined, null, 'key', {}])('is not made without a key: %j', (key) => {
    expect((): unknown => Reflect.apply(createTransaction, undefined, [draft, key])).toThrow(
      expect.objectContaining({ code: 'INVALID' }),
    );
  });

  it('gives the bytes that the reader reads back', () => {
    expect(parseTransactionRecord(transaction.record).value).toEqual(transaction);
    expect(transaction.body.sender).toBe(alice.address);
    expect(createTransaction({ ...draft }, alice).id).toBe(transaction.id);
    expect(createTransaction({ ...draft, timestamp: 1 }, alice).id).not.toBe(transaction.id);
  });

  it.each([
    ['a bad register id', { registerId: '../other' }, 'INVALID'],
    ['a negative time', { timestamp: -1 }, 'INVALID'],
    ['a lone surrogate', { payloads: ['\ud83d'] }, 'INVALID'],
    ['a member that a transaction does not have', { recipient: 'bob' }, 'INVALID'],
    ['an undefined member', { metadata: undefined }, 'INVALID'],
    ['too many payloads', { payloads: Array(101).fill(0) }, 'LIMIT_EXCEEDED'],
    ['too many bytes', { payloads: ['x'.repeat(LIMITS.transactionBytes)] }, 'LIMIT_EXCEEDED'],
  ])('refuses %s', (_name, change: object, code) => {
    expect(() => createTransaction({ ...draft, ...change }, alice)).toThrow(expect.objectContaining({ code }));
  });
});
