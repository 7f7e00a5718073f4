import { describe, expect, it } from 'vitest';
import { sha256 } from '../docket/sha256.ts';
import { createSigningKey, importSigningKey } from '../docket/signing-key.ts';
import { createCheckpoint, parseCheckpoint, readClaimedSize, signNote, toVerifierKey } from './checkpoint.ts';

const ORIGIN = 'node.test/main';
const key = await createSigningKey('ed25519');
const head = { size: 42, root: Uint8Array.from(sha256(Buffer.from('root'))) };
const note = createCheckpoint(ORIGIN, head, key);
const parse =
  (text: string, origin = ORIGIN) =>
  () =>
    parseCheckpoint(text, origin, key.publicKey);
const INVALID: unknown = expect.objectContaining({ code: 'ANCHOR_INVALID' });

/** The key and note that the reference implementation, golang.org/x/mod/sumdb/note, is tested with. */
const REFERENCE = {
  name: 'PeterNeumann',
  text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
  verifierKey: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  seed: 'AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz',
  signature: 'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=',
};

function importReferenceKey() {
  const toKey = (text: string) => Buffer.from(text, 'base64').subarray(1).toString('base64url');
  const publicKey = REFERENCE.verifierKey.split('+').slice(2).join('+');
  return importSigningKey({ kty: 'OKP', crv: 'Ed25519', x: toKey(publicKey), d: toKey(REFERENCE.seed) });
}

describe('a signed head', () => {
  it('comes back as it was signed', () => {
    expect(parse(note)()).toEqual({ size: 42, root: Buffer.from(head.root) });
    expect(readClaimedSize(note)).toBe(42);
  });

  it('is the note that the reference implementation of the format writes', () => {
    const own = importReferenceKey();
    const expected = `${REFERENCE.text}\n\u2014 ${REFERENCE.name} ${REFERENCE.signature}\n`;
    expect(signNote(REFERENCE.text, REFERENCE.name, own)).toBe(expected);
    expect(toVerifierKey(REFERENCE.name, own.publicKey)).toBe(REFERENCE.verifierKey);
  });

  it('has the lines of a checkpoint', () => {
    const root = Buffer.from(head.root).toString('base64');
    expect(note).toMatch(new RegExp(`^${ORIGIN}\n42\n${root.replaceAll('+', '\\+')}\n\n\u2014 ${ORIGIN} [^\n]+\n$`));
  });

  it('is refused when another key signed it, under its own name or as a forgery', async () => {
    const stranger = await createSigningKey('ed25519');
    expect(parse(createCheckpoint(ORIGIN, head, stranger))).toThrow(INVALID);
    const [, line = ''] = /\u2014 \S+ (\S+)\n$/.exec(note) ?? [];
    const [, foreign = ''] = /\u2014 \S+ (\S+)\n$/.exec(createCheckpoint(ORIGIN, head, stranger)) ?? [];
    const ownId = Buffer.from(line, 'base64').subarray(0, 4);
    const forged = Buffer.concat([ownId, Buffer.from(foreign, 'base64').subarray(4)]).toString('base64');
    expect(parse(note.replace(line, forged))).toThrow(INVALID);
  });

  it('is refused for another register or node, also when the text says otherwise', () => {
    expect(parse(note, 'node.test/other')).toThrow(INVALID);
    expect(parse(note, 'other.test/main')).toThrow(INVALID);
    const renamed = note.replaceAll(ORIGIN, 'node.test/other');
    expect(parse(renamed, 'node.test/other')).toThrow(INVALID);
    expect(parse(note.replace(`\u2014 ${ORIGIN}`, '\u2014 node.test/other'))).toThrow(INVALID);
  });

  it.each([
    ['a larger size', note.replace('\n42\n', '\n43\n')],
    ['a size with a leading zero', note.replace('\n42\n', '\n042\n')],
    ['a size of zero', note.replace('\n42\n', '\n0\n')],
    ['a size beyond 2^53', note.replace('\n42\n', '\n9007199254740993\n')],
    ['another root', note.replace(Buffer.from(head.root).toString('base64'), Buffer.alloc(32, 7).toString('base64'))],
    ['a line more', note.replace('\n42\n', '\n42\nextension\n').replace('\n42\nextension', '\nextension\n42')],
    ['no final line feed', note.slice(0, -1)],
    ['a second signature', `${note}\u2014 ${ORIGIN} AAAAAAAA\n`],
    ['the same signature twice', note + note.slice(note.indexOf('\u2014'))],
    ['no signature', note.slice(0, note.indexOf('\u2014'))],
    ['a hyphen for the dash', note.replace('\u2014', '-')],
    ['carriage returns', note.replaceAll('\n', '\r\n')],
    ['nothing', ''],
    ['text before it', `\n${note}`],
  ])('is refused with %s', (_, changed) => {
    expect(changed).not.toBe(note);
    expect(parse(changed)).toThrow(INVALID);
  });

  it('is refused in any other spelling of its base64', () => {
    const root = Buffer.from(head.root).toString('base64');
    // 32 bytes leave two bits of the last digit unused; the decoder would not look at them.
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const last = digits.indexOf(root.charAt(42));
    const respelt = `${root.slice(0, 42)}${digits.charAt(last ^ 1)}=`;
    expect(Buffer.from(respelt, 'base64').equals(head.root)).toBe(true);
    expect(parse(note.replace(root, respelt))).toThrow(INVALID);
    const [, line = ''] = /\u2014 \S+ (\S+)\n$/.exec(note) ?? [];
    const unpadded = line.replace(/=+$/, '');
    expect(parse(note.replace(line, unpadded === line ? `${line}=` : unpadded))).toThrow(INVALID);
  });

  it('is refused with the name of the file it lies in, where that is known', () => {
    const place = '/anchors/main/head-0000000000000007';
    const parseThere = () => parseCheckpoint('', ORIGIN, key.publicKey, place);
    expect(parseThere).toThrow(INVALID);
    expect(parseThere).toThrow(`in "${place}"`);
  });

  it('is signed with Ed25519 and nothing else', async () => {
    const other = await createSigningKey('p-256');
    expect(() => createCheckpoint(ORIGIN, head, other)).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
  });

  it('claims no size when there is none to be read', () => {
    expect(readClaimedSize(undefined)).toBe(0);
    expect(readClaimedSize('')).toBe(0);
    expect(readClaimedSize(note.replace('\n42\n', '\n9007199254740993\n'))).toBe(0);
  });
});
