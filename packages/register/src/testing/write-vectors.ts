/**
 * Writes the vectors in `packages/register/vectors` anew. Run by hand, from the root of the repository, after a change of the
 * format: `npx node --conditions=sorcha-source packages/register/src/testing/write-vectors.ts`. The keys in
 * `keys.json` are kept; P-256 signatures are random, so every record with one changes.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ALGORITHM_NAMES } from '../docket/algorithm.ts';
import { toBase64url } from '../docket/base64url.ts';
import { createTransaction } from '../docket/create-transaction.ts';
import { type Docket, toDocketHash } from '../docket/docket.ts';
import { merkleRoot } from '../docket/merkle-tree.ts';
import { createSigningKey, importSigningKey, type SigningKey } from '../docket/signing-key.ts';
import { toSignedBytes } from '../docket/transaction.ts';
import { toUtf8 } from '../docket/utf8.ts';
import type { CorruptionKind } from '../verification/corruption.ts';
import type { KeyPool } from './create-key-pool.ts';
import { createTestLedger } from './create-test-ledger.ts';
import { toAnchor } from './judge-stored.ts';
import { bitFlip, breakLink, cutRecord, forgeSignature, relinkSuffix, withoutTransaction } from './tamper-record.ts';

const FOLDER = join(import.meta.dirname, '../../vectors');
const keysSchema = z.object({ keys: z.array(z.object({ privateKey: z.unknown() })) });
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function write(path: string, content: unknown): void {
  const file = join(FOLDER, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content instanceof Uint8Array ? content : `${JSON.stringify(content, undefined, 2)}\n`);
}

/** Reads the committed test keys, or makes them once. */
async function readKeys(): Promise<SigningKey[]> {
  const file = join(FOLDER, 'keys.json');
  if (existsSync(file)) {
    return keysSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).keys.map((key) => importSigningKey(key.privateKey));
  }
  return Promise.all(ALGORITHM_NAMES.flatMap((name) => [createSigningKey(name), createSigningKey(name)]));
}

function writeKeys(keys: readonly SigningKey[]): void {
  write('keys.json', {
    warning: 'Test keys. Their private halves are public: never use them for anything else.',
    keys: keys.map((key) => ({
      algorithm: key.algorithm,
      publicKey: toBase64url(key.publicKey.raw),
      address: key.address,
      privateKey: key.exportJwk(),
    })),
  });
}

/** All encodings of Ed25519 points that are not canonical, and all canonical ones of small order. */
function writeRefusedPoints(): void {
  const p = 2n ** 255n - 19n;
  const order8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
  const small = [0n, 1n, p - 1n, order8, p - order8].map((y) => ({ y, why: 'small order' }));
  const foreign = Array.from({ length: 19 }, (_, index) => ({ y: p + BigInt(index), why: 'not canonical' }));
  const points = [...small, ...foreign].flatMap(({ y, why }) =>
    [y, y + 2n ** 255n].map((value) => ({
      publicKey: Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex'),
      why,
    })),
  );
  write('ed25519-refused-keys.json', { points });
}

function writeMerkle(): void {
  // The leaves that Certificate Transparency implementations test with; the roots are theirs, too.
  const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const roots = leaves.map((_, size) => hex(merkleRoot(leaves.slice(0, size).map((leaf) => Buffer.from(leaf, 'hex')))));
  write('merkle.json', { leaves, roots: [...roots, hex(merkleRoot(leaves.map((leaf) => Buffer.from(leaf, 'hex'))))] });
}

function writeTransactions(keys: readonly SigningKey[]): void {
  const accepted = keys.map((key, index) => {
    const draft = {
      registerId: 'vectors',
      timestamp: index,
      metadata: { b: 1, a: '\u20ac\n' },
      payloads: [{ n: 1e21 }, null],
    };
    const { id, body, record } = createTransaction({ ...draft, recipients: keys.map(({ address }) => address) }, key);
    return { id, sender: body.sender, record: Buffer.from(record).toString() };
  });
  const [key] = keys;
  if (key === undefined) return;
  const sign = (text: string) => `${toBase64url(key.sign(toSignedBytes(toUtf8(text))))} ${text}`;
  const good = sign(JSON.stringify(createTransaction({ registerId: 'vectors', timestamp: 7 }, key).body));
  const respell = (from: string, to: string) => sign(good.slice(good.indexOf(' ') + 1).replace(from, to));
  const refused = [
    ['a timestamp of -1', respell('"timestamp":7', '"timestamp":-1')],
    ['a timestamp of 2^53', respell('"timestamp":7', '"timestamp":9007199254740992')],
    ['a timestamp of 01', respell('"timestamp":7', '"timestamp":01')],
    ['a timestamp of 1.5', respell('"timestamp":7', '"timestamp":1.5')],
    ['a timestamp of -0', respell('"timestamp":7', '"timestamp":-0')],
    ['a timestamp of 7.0', respell('"timestamp":7', '"timestamp":7.0')],
    ['a timestamp of 7e0', respell('"timestamp":7', '"timestamp":7e0')],
    ['a timestamp of 0.7E+1', respell('"timestamp":7', '"timestamp":0.7E+1')],
    ['a repeated member', respell('"timestamp":7', '"timestamp":7,"timestamp":7')],
    ['a repeated member, spelt with an escape', respell('"metadata":{}', '"metadata":{"a":1,"\\u0061":1}')],
    ['__proto__', respell('"metadata":{}', '"metadata":{"__proto__":1}')],
    ['an escaped lone surrogate', respell('"metadata":{}', '"metadata":{"a":"\\ud800"}')],
    ['a number beyond a double', respell('"metadata":{}', '"metadata":{"a":1e400}')],
    ['65 levels', respell('"metadata":{}', `"metadata":${'{"a":'.repeat(63)}{}${'}'.repeat(63)}`)],
    ['an unknown member', respell('"timestamp":7', '"timestamp":7,"memo":""')],
    ['an unknown algorithm', respell('"ed25519"', '"ed448"')],
    ['a line feed between members', respell('"timestamp":7', '\n"timestamp":7')],
    ['a carriage return at the end', sign(`${good.slice(good.indexOf(' ') + 1)}\r`)],
    ['a padded signature', good.replace(' ', '== ')],
    ['two spaces', good.replace(' ', '  ')],
    ['a signature over other bytes', good.replace('"timestamp":7', '"timestamp":8')],
    ['another register', respell('"vectors"', '"vector"')],
  ].map(([what, record]) => ({ what, record }));
  write('transactions.json', { registerId: 'vectors', accepted, refused });
}

/** Spells the intact docket at height 0 in other ways. Except where the hash itself is meant, it is that of the new header. */
function writeDockets(first: Docket): void {
  const text = Buffer.from(first.record).toString();
  const header = text.split('\n')[2] ?? '';
  const respell = (from: string, to: string) => {
    const changed = header.replace(from, to);
    return text.replace(header, changed).replace(first.hash, toDocketHash(toUtf8(changed)));
  };
  const { timestamp } = first.header;
  const refused = [
    ['a height of 0.0', respell('"height":0', '"height":0.0')],
    ['a height of 0e5', respell('"height":0', '"height":0e5')],
    ['a height of -0', respell('"height":0', '"height":-0')],
    ['a timestamp with an exponent', respell(`"timestamp":${timestamp}`, `"timestamp":${timestamp}0E-1`)],
    ['a timestamp that rounds to a whole number', respell(`:${timestamp}`, `:${timestamp}.${'0'.repeat(20)}1`)],
    ['a count of 3.0', respell('"transactionCount":3', '"transactionCount":3.0')],
    ['a count of 0', respell('"transactionCount":3', '"transactionCount":0')],
    ['a repeated member', respell('"height":0', '"height":0,"height":0')],
    ['an unknown member', respell('"height":0', '"height":0,"memo":""')],
    ['space before the header', respell('{', ' {')],
    ['a carriage return after the header', respell(header, `${header}\r`)],
    ['a hash in upper case', text.replace(first.hash, first.hash.toUpperCase())],
    ['no line feed at the end', text.slice(0, -1)],
    ['two line feeds at the end', `${text}\n`],
    ['another version', text.replace('docket-record/v1', 'docket-record/v2')],
  ].map(([what, record]) => ({ what, record }));
  write('dockets.json', { registerId: first.header.registerId, height: 0, refused });
}

interface DamageCase {
  readonly kind: CorruptionKind;
  readonly what: string;
  /** The heights found damaged in this way; all others are verified. */
  readonly heights: readonly number[];
  readonly change: (records: readonly Uint8Array[]) => readonly (Uint8Array | undefined)[];
}

function listDamage(forger: SigningKey): DamageCase[] {
  const at = (records: readonly Uint8Array[], height: number) => records[height] ?? new Uint8Array();
  const replace = (height: number, change: (record: Uint8Array) => Uint8Array) => (records: readonly Uint8Array[]) =>
    records.with(height, change(at(records, height)));
  const flip = (record: Uint8Array) => bitFlip(record, Buffer.from(record).indexOf('Delivery') * 8 + 7);
  return [
    { kind: 'InvalidDocketHash', what: 'one bit of a payload is flipped', heights: [1], change: replace(1, flip) },
    { kind: 'BrokenChainLink', what: 'a docket continues another one', heights: [2], change: replace(2, breakLink) },
    {
      kind: 'InvalidTransactionSignature',
      what: 'a transaction is signed by a stranger, root and hash are right',
      heights: [3],
      change: replace(3, (record) => forgeSignature(record, 0, forger)),
    },
    {
      kind: 'MissingData',
      what: 'a docket is absent',
      heights: [2],
      change: (all) => all.map((r, h) => (h === 2 ? undefined : r)),
    },
    {
      kind: 'MalformedData',
      what: 'the end of a record is cut off',
      heights: [0],
      change: replace(0, (r) => cutRecord(r, 400)),
    },
    {
      kind: 'RolledBack',
      what: 'the newest dockets are absent',
      heights: [3, 4],
      change: (all) => [...all.slice(0, 3), undefined, undefined],
    },
    {
      kind: 'Forked',
      what: 'a transaction is left out, all dockets above are re-hashed and re-linked',
      heights: [2, 3, 4],
      change: (all) => [...all.slice(0, 2), ...relinkSuffix(all.slice(2), (draft) => withoutTransaction(draft, 1))],
    },
  ];
}

function writeChain(dockets: readonly Docket[], forger: SigningKey): void {
  const records = dockets.map((docket) => docket.record);
  for (const [height, record] of records.entries()) write(`chain/${height}.docket`, record);
  write('chain/chain.json', {
    registerId: 'vectors',
    dockets: dockets.map(({ hash, header, transactions }) => ({
      hash,
      header,
      transactionIds: transactions.map(({ id }) => id),
    })),
    roots: dockets.map((_, height) => hex(toAnchor(dockets.slice(0, height + 1), 'no hint').root)),
  });
  for (const { kind, what, heights, change } of listDamage(forger)) {
    const stored = change(records).map((record, height) => {
      if (record === undefined) return null;
      if (record === records[height]) return `chain/${height}.docket`;
      write(`damaged/${kind}/${height}.docket`, record);
      return `damaged/${kind}/${height}.docket`;
    });
    write(`damaged/${kind}/case.json`, { what, kind, heights, stored });
  }
}

const keys = await readKeys();
const pool: KeyPool = {
  get(algorithm, index) {
    const own = keys.filter((key) => key.algorithm === algorithm);
    const key = own[index % own.length];
    return key === undefined ? createSigningKey(algorithm) : Promise.resolve(key);
  },
};
const ledger = { registerId: 'vectors', dockets: 5, transactionsPerDocket: 3, mix: ALGORITHM_NAMES, keys: pool };
writeKeys(keys);
writeRefusedPoints();
writeMerkle();
writeTransactions(keys);
const dockets = await Array.fromAsync(createTestLedger(ledger));
writeChain(dockets, await createSigningKey('ed25519'));
for (const first of dockets.slice(0, 1)) writeDockets(first);
