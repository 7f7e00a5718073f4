import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toAddress } from '@sorcha/register';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT } from '../architecture/source-files.ts';
import { createRefusalCheck } from './create-refusal-check.ts';
import { runSorcha } from './run-sorcha.ts';

const REGISTER = 'vectors';
const vectors = z
  .object({
    accepted: z.array(z.object({ id: z.string(), record: z.string() })),
    refused: z.array(z.object({ what: z.string(), record: z.string() })),
  })
  .parse(JSON.parse(readFileSync(join(ROOT, 'packages/register/vectors/transactions.json'), 'utf8')));
const [good = ''] = vectors.accepted.map(({ record }) => record);

/** What is wrong with a refused vector, where it is not its form. */
const CODES: ReadonlyMap<string, string> = new Map([
  ['a signature over other bytes', 'INVALID_SIGNATURE'],
  ['65 levels', 'LIMIT_EXCEEDED'],
]);

const root = mkdtempSync(join(tmpdir(), 'sorcha-signed-'));
const pristine = join(root, 'pristine');
const expectRefusal = createRefusalCheck({ root, pristine });

beforeAll(async () => {
  expect(await runSorcha(['init', '--data', pristine, '--register', REGISTER])).toMatchObject({ exitCode: 0 });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A record with another key, whose address is the sender's, and another signature. */
function withKey(publicKey: Uint8Array, signature: Uint8Array): string {
  const body = good
    .slice(good.indexOf(' ') + 1)
    .replace(/"publicKey":"[^"]+"/, `"publicKey":"${Buffer.from(publicKey).toString('base64url')}"`)
    .replace(/"sender":"[^"]+"/, `"sender":"${toAddress('ed25519', publicKey)}"`);
  return `${Buffer.from(signature).toString('base64url')} ${body}`;
}

/** The identity point and the signature (identity, 0): without a check of the key it fits every message. */
const identity = Uint8Array.from({ length: 32 }, (_, index) => Number(index === 0));
const fitsEverything = Buffer.concat([identity, new Uint8Array(32)]);

describe.concurrent('transactions that were signed elsewhere', () => {
  it('are sealed as they are, once', async () => {
    const data = join(root, 'accepted');
    await runSorcha(['init', '--data', data, '--register', REGISTER]);
    const stdin = vectors.accepted.map(({ record }) => `${record}\n`).join('');
    const append = ['append', '--data', data, '--signed', '-', '--json'];
    const { exitCode, stdout } = await runSorcha(append, { stdin });
    expect({ exitCode, result: JSON.parse(stdout) as unknown }).toMatchObject({
      exitCode: 0,
      result: { height: 0, transactionIds: vectors.accepted.map(({ id }) => id) },
    });
    const shown = await runSorcha(['show', 'transaction', vectors.accepted[0]?.id ?? '', '--raw', '--data', data]);
    expect(shown.stdout.trimEnd()).toBe(good);
    expect(await runSorcha(append, { stdin })).toMatchObject({ exitCode: 2, stdout: '' });
  });

  it('may come in lines of Windows', async () => {
    const data = join(root, 'windows');
    await runSorcha(['init', '--data', data, '--register', REGISTER]);
    const stdin = vectors.accepted.map(({ record }) => `${record}\r\n`).join('');
    const append = ['append', '--data', data, '--signed', '-', '--json'];
    const { exitCode, stdout } = await runSorcha(append, { stdin });
    expect({ exitCode, result: JSON.parse(stdout) as unknown }).toMatchObject({
      exitCode: 0,
      result: { transactionIds: vectors.accepted.map(({ id }) => id) },
    });
  });

  it('are refused with the number of the line', async () => {
    const stdin = `${good}\n${good.slice(1)}\n`;
    const data = join(root, 'lines');
    await runSorcha(['init', '--data', data, '--register', REGISTER]);
    const { exitCode, stderr } = await runSorcha(['append', '--data', data, '--signed', '-'], { stdin });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Line 2 of standard input is refused');
  });

  it.each(vectors.refused)('are refused: $what', async ({ what, record }) => {
    const code = CODES.get(what) ?? 'INVALID';
    await expectRefusal({ args: ['append', '--signed', '-'], stdin: record, exitCode: 2, code });
  });

  it.each([
    ['a key of the wrong length', withKey(new Uint8Array(31).fill(7), fitsEverything), 'INVALID'],
    ['a key of small order', withKey(identity, fitsEverything), 'INVALID_KEY'],
    ['a signature of the wrong length', good.replace(/^\S+/, 'AAAA'), 'INVALID'],
    [
      'a sender who is not the signer',
      good.replace(/"sender":"[^"]+"/, `"sender":"${toAddress('ed25519', identity)}"`),
      'INVALID_SIGNATURE',
    ],
    ['an empty line', `${good}\n\n${good}`, 'INVALID_INPUT'],
    ['the same twice', `${good}\n${good}`, 'DUPLICATE_TRANSACTION'],
    ['nothing', '', 'INVALID_INPUT'],
    ['an oversize record', `${good.slice(0, -1)}${' '.repeat(1_048_576)}}`, 'LIMIT_EXCEEDED'],
  ])('are refused: %s', async (_, stdin, code) => {
    await expectRefusal({ args: ['append', '--signed', '-'], stdin, exitCode: 2, code });
  });

  it.each([
    ['--count', '2'],
    ['--payload', '1'],
    ['--metadata', '{}'],
    ['--from', '-'],
    ['--algorithm', 'ed25519'],
  ])('cannot be given together with %s %s', async (...others) => {
    await expectRefusal({ args: ['append', '--signed', '-', ...others], stdin: good, exitCode: 2, code: 'USAGE' });
  });
});
