import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ALGORITHM_NAMES } from '../docket/algorithm.ts';
import { toBase64url } from '../docket/base64url.ts';
import { checkTransaction } from '../docket/check-transaction.ts';
import { createTransaction } from '../docket/create-transaction.ts';
import { merkleRoot } from '../docket/merkle-tree.ts';
import { parseDocketRecord } from '../docket/parse-docket.ts';
import { parsePublicKey } from '../docket/public-key.ts';
import { isSignatureValid } from '../docket/signature.ts';
import { importSigningKey } from '../docket/signing-key.ts';
import { describeJudgement, toAnchor, toChainRecord } from '../testing/judge-stored.ts';
import { checkDocket } from './check-docket.ts';
import { CORRUPTION_KINDS, type CorruptionKind } from './corruption.ts';
import { judgeChain } from './judge-chain.ts';

const FOLDER = join(import.meta.dirname, '../../vectors');
const unread = new Set(
  readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'README.md')
    .map((entry) => relative(FOLDER, join(entry.parentPath, entry.name))),
);

function read(path: string): Buffer {
  unread.delete(path);
  return readFileSync(join(FOLDER, path));
}
function readJson<T extends z.ZodType>(path: string, schema: T): z.output<T> {
  return schema.parse(JSON.parse(read(path).toString()));
}
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const text = z.string();
const key = z.strictObject({
  algorithm: z.enum(ALGORITHM_NAMES),
  publicKey: text,
  address: text,
  privateKey: z.unknown(),
});
const { keys } = readJson('keys.json', z.strictObject({ warning: text, keys: z.array(key) }));
const chain = readJson(
  'chain/chain.json',
  z.strictObject({
    registerId: text,
    dockets: z.array(z.strictObject({ hash: text, header: z.unknown(), transactionIds: z.array(text) })),
    roots: z.array(text),
  }),
);
const damage = z.strictObject({ what: text, kind: text, heights: z.array(z.int()), stored: z.array(text.nullable()) });

describe('vectors', () => {
  it('have keys of every algorithm that import to their public key and address', () => {
    expect(new Set(keys.map(({ algorithm }) => algorithm))).toEqual(new Set(ALGORITHM_NAMES));
    for (const { algorithm, publicKey, address, privateKey } of keys) {
      const imported = importSigningKey(privateKey);
      expect(toBase64url(imported.publicKey.raw)).toBe(publicKey);
      expect([imported.algorithm, imported.address]).toEqual([algorithm, address]);
    }
  });

  it('have Ed25519 keys that are all refused', () => {
    const point = z.strictObject({ publicKey: text, why: text });
    const { points } = readJson('ed25519-refused-keys.json', z.strictObject({ points: z.array(point) }));
    expect(new Set(points.map(({ publicKey }) => publicKey)).size).toBe(48);
    for (const { publicKey, why } of points) {
      const { problem } = parsePublicKey('ed25519', Buffer.from(publicKey, 'hex'));
      expect(problem?.code).toBe('INVALID_KEY');
      expect(problem?.detail).toContain(why);
    }
  });

  it('have the Ed25519 signatures on which verifiers disagree, each with the verdict of the register', () => {
    const one = z.strictObject({ message: text, publicKey: text, signature: text, isAccepted: z.boolean(), why: text });
    const schema = z.strictObject({ source: text, cases: z.array(one) });
    for (const { message, publicKey, signature, isAccepted, why } of readJson('ed25519-edge-cases.json', schema)
      .cases) {
      const [raw, bytes, signed] = [publicKey, signature, message].map((hex) => Buffer.from(hex, 'hex'));
      const { value } = parsePublicKey('ed25519', raw ?? Buffer.alloc(0));
      const isValid =
        value !== undefined && isSignatureValid(value, bytes ?? Buffer.alloc(0), signed ?? Buffer.alloc(0));
      expect(isValid, why).toBe(isAccepted);
    }
  });

  it('have Merkle roots over every number of leaves', () => {
    const schema = z.strictObject({ leaves: z.array(text), roots: z.array(text) });
    const { leaves, roots } = readJson('merkle.json', schema);
    expect(roots).toHaveLength(leaves.length + 1);
    for (const [size, root] of roots.entries()) {
      const bytes = leaves.slice(0, size).map((leaf) => Buffer.from(leaf, 'hex'));
      expect(Buffer.from(merkleRoot(bytes)).toString('hex')).toBe(root);
    }
  });

  it('have transactions that are accepted and written the same way, and refused ones', () => {
    const schema = z.strictObject({
      registerId: text,
      accepted: z.array(z.strictObject({ id: text, sender: text, record: text })),
      refused: z.array(z.strictObject({ what: text, record: text })),
    });
    const { registerId, accepted, refused } = readJson('transactions.json', schema);
    expect(accepted).toHaveLength(keys.length);
    for (const [index, { id, sender, record }] of accepted.entries()) {
      const { value } = checkTransaction(record, registerId);
      expect([value?.id, value?.body.sender]).toEqual([id, sender]);
      expect(sha256(`sorcha/transaction/v1\n${record.slice(record.indexOf(' ') + 1)}`)).toBe(id);
      const { sender: _sender, signer: _signer, ...draft } = value?.body ?? { registerId, timestamp: 0 };
      const again = createTransaction(draft, importSigningKey(keys[index]?.privateKey));
      expect(again.id).toBe(id);
      if (value?.body.signer.algorithm !== 'p-256') expect(Buffer.from(again.record).toString()).toBe(record);
    }
    expect(refused.filter(({ record }) => checkTransaction(record, registerId).problem === undefined)).toEqual([]);
    expect(refused).toHaveLength(22);
  });

  it('have a docket record in spellings that are all refused', () => {
    const schema = z.strictObject({
      registerId: text,
      height: z.int(),
      refused: z.array(z.strictObject({ what: text, record: text })),
    });
    const { refused, ...place } = readJson('dockets.json', schema);
    const kinds = refused.map(({ record }) => checkDocket(Buffer.from(record), place).damage?.kind);
    expect(kinds).toEqual(Array.from({ length: 15 }, () => 'MalformedData'));
  });

  it('have an intact chain with every algorithm in each docket', () => {
    for (const [height, { hash, header, transactionIds }] of chain.dockets.entries()) {
      const record = read(`chain/${height}.docket`);
      const { value } = parseDocketRecord(record);
      expect(value?.header).toEqual(header);
      expect(value?.transactions.map(({ id }) => id)).toEqual(transactionIds);
      expect(value?.transactions.map(({ body }) => body.signer.algorithm)).toEqual(ALGORITHM_NAMES);
      expect(sha256(`sorcha/docket/v1\n${record.toString().split('\n')[2]}`)).toBe(hash);
      const root = toAnchor(chain.dockets.slice(0, height + 1), 'no hint').root;
      expect(Buffer.from(root).toString('hex')).toBe(chain.roots[height]);
    }
    expect(judge(chain.dockets.map((_, height) => `chain/${height}.docket`)).damage).toBe('');
  });

  it.each([...CORRUPTION_KINDS])('have a case of %s', (kind: CorruptionKind) => {
    const expected = readJson(`damaged/${kind}/case.json`, damage);
    const { verdicts } = judge(expected.stored);
    const found = verdicts.flatMap((verdict) =>
      verdict.damage === undefined ? [] : [[verdict.height, verdict.damage.kind]],
    );
    expect(expected.kind).toBe(kind);
    expect(found).toEqual(expected.heights.map((height) => [height, kind]));
  });

  it('have no file that these tests do not read', () => {
    expect([...unread]).toEqual([]);
  });
});

/** Judges the files at each height with the anchored head of the intact chain. */
function judge(stored: readonly (string | null)[]) {
  const { registerId, dockets } = chain;
  const records = stored.flatMap((path, height) =>
    path === null ? [] : [toChainRecord(read(path), height, registerId)],
  );
  return describeJudgement(judgeChain({ records, anchor: toAnchor(dockets, 'hint') }));
}
