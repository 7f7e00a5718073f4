import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createRefusalCheck } from './create-refusal-check.ts';
import { runSorcha } from './run-sorcha.ts';

const root = mkdtempSync(join(tmpdir(), 'sorcha-bad-input-'));
const pristine = join(root, 'pristine');
const expectRefusal = createRefusalCheck({ root, pristine });
const deep = '['.repeat(200_000) + ']'.repeat(200_000);

beforeAll(async () => {
  const run = await runSorcha([
    'seed',
    '--data',
    pristine,
    '--dockets',
    '3',
    '--transactions',
    '2',
    '--algorithms',
    'ed25519',
  ]);
  expect(run).toMatchObject({ exitCode: 0 });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** To open a pipe waits until somebody writes to it. */
function makePipe(path: string): void {
  rmSync(path);
  execFileSync('mkfifo', [path]);
}

function editDescription(data: string, member: string, prefix: string): void {
  const file = join(data, 'sorcha.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace(new RegExp(`"${member}": "`), `$&${prefix}`));
}

describe.concurrent('malformed numbers and names', () => {
  it.each(['-1', '9007199254740992', '01', '1e3', '+1', '0x10', '1.0', 'abc', ''])(
    'refuses height %j',
    async (height) => {
      await expectRefusal({ args: ['show', 'docket', height], exitCode: 2, code: 'USAGE' });
    },
  );

  it.each(['abc', 'A'.repeat(64), 'g'.repeat(64), 'a'.repeat(63), '../../etc/passwd'])(
    'refuses transaction id %j',
    async (id) => {
      await expectRefusal({ args: ['show', 'transaction', id], exitCode: 2, code: 'USAGE' });
    },
  );

  it.each(['A', '-a', 'a-', 'a_b', '..', 'a/b', 'ä', 'a'.repeat(64), ' '])('refuses register id %j', async (id) => {
    await expectRefusal({ args: ['verify', `--register=${id}`], exitCode: 2, code: 'USAGE' });
  });

  it.each([
    ['seed', '--dockets', '0'],
    ['seed', '--dockets', '1000001'],
    ['seed', '--transactions', '10001'],
    ['seed', '--algorithms', 'dsa'],
    ['seed', '--algorithms', ''],
    ['seed', '--seed-keys', '0'],
    ['append', '--algorithm', 'rsa-1024', '--payload', '1'],
    ['append', '--count', '0', '--payload', '1'],
    ['append', '--count', '-5', '--payload', '1'],
    ['append', '--payload', '1', '--from', 'drafts.json'],
    ['tamper', 'no-such-damage'],
    ['tamper', 'bit-flip', '--height', '1e3'],
    ['tamper', 'bit-flip', '--random', '-1'],
    ['tamper', 'bit-flip', '--really', '--copy', 'elsewhere'],
    ['tamper', 'bit-flip', '--copy', 'absent/copy'],
    ['help', 'no-such-command'],
    ['tamper'],
    ['demo', '--dockets', '3'],
    ['show', 'docket'],
    ['show'],
    ['no-such-command'],
    ['verify', '--no-such-option'],
    ['verify', 'surplus'],
    ['verify', '--data'],
  ])('refuses %j', async (...args) => {
    await expectRefusal({ args, exitCode: 2, code: 'USAGE' });
  });

  it.each([
    [['show', 'docket', '3'], 'NOT_FOUND'],
    [['show', 'docket', '9007199254740991'], 'NOT_FOUND'],
    [['show', 'transaction', '0'.repeat(64)], 'NOT_FOUND'],
    [['verify', '--register', 'other'], 'UNKNOWN_REGISTER'],
    [['append', '--payload', '1', '--register', 'other'], 'UNKNOWN_REGISTER'],
  ])('says that what %j asks for does not exist', async (args, code) => {
    await expectRefusal({ args, exitCode: 4, code });
  });
});

describe.concurrent('malformed JSON', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['half an object', '{"a":1'],
    ['two values', '1 2'],
    ['a value that closes the text around it', '1},{"b":2'],
    ['a second member smuggled in', '1,"b":2'],
    ['duplicate members', '{"a":1,"a":2}'],
    ['duplicate members, one of them escaped', '{"a":1,"\\u0061":2}'],
    ['__proto__', '{"__proto__":{"isAdmin":true}}'],
    ['a lone surrogate', '"\\ud800"'],
    ['a number beyond a double', '1e999'],
    ['NaN', 'NaN'],
    ['a comment', '{} // yes'],
    ['a number of which a double carries only a part', '12345678901234567890123'],
  ];
  it.each(cases)('refuses %s in --payload', async (_name, text) => {
    await expectRefusal({ args: ['append', `--payload=${text}`], exitCode: 2, code: 'INVALID_INPUT' });
  });

  it.each([
    ...cases,
    ['200,000 levels', deep],
    ['an unknown member', '[{"payloads":[],"amount":1}]'],
    ['no array', '{}'],
    ['an empty array', '[]'],
    ['payloads of the wrong type', '[{"payloads":1}]'],
  ] as const)('refuses %s in --from', async (_name, text) => {
    await expectRefusal({ args: ['append', '--from', '-'], stdin: text, exitCode: 2, code: 'INVALID_INPUT' });
  });

  it('refuses metadata that is no object', async () => {
    await expectRefusal({ args: ['append', '--metadata', '[]'], exitCode: 2, code: 'INVALID_INPUT' });
  });

  it('refuses a recipient that is no address', async () => {
    await expectRefusal({
      args: ['append', '--from', '-'],
      stdin: '[{"payloads":[],"recipients":["ws1nobody"]}]',
      exitCode: 2,
      code: 'INVALID',
    });
  });

  it.each([
    ['a transaction', JSON.stringify([{ payloads: ['x'.repeat(1_100_000)] }])],
    ['a docket', JSON.stringify(Array.from({ length: 9 }, () => ({ payloads: ['x'.repeat(1_000_000)] })))],
    ['the number of payloads', JSON.stringify([{ payloads: Array.from({ length: 101 }, () => 1) }])],
    ['the number of transactions', JSON.stringify(Array.from({ length: 10_001 }, () => ({ payloads: [] })))],
  ])('refuses %s above the limit', async (_name, stdin) => {
    await expectRefusal({ args: ['append', '--from', '-'], stdin, exitCode: 2, code: 'LIMIT_EXCEEDED' });
  });

  it('refuses bytes that are no UTF-8', async () => {
    await expectRefusal({
      args: ['append', '--from', 'latin1.json'],
      prepare: (data) => writeFileSync(join(data, '..', 'latin1.json'), Buffer.from([0x5b, 0x22, 0xe4, 0x22, 0x5d])),
      exitCode: 2,
      code: 'INVALID_INPUT',
    });
  });

  it.each(['absent.json', '.', 'data/sorcha.json/x'])('refuses to read drafts from %j', async (file) => {
    await expectRefusal({ args: ['append', '--from', file], exitCode: 2, code: 'INPUT_UNREADABLE' });
  });
});

describe.concurrent('data folders that are not one', () => {
  const commands = [
    ['verify'],
    ['status'],
    ['show', 'docket', '0'],
    ['append', '--payload', '1'],
    ['adopt', '--really'],
    ['tamper', 'bit-flip'],
  ];
  const writers = [['init'], ['seed', '--dockets', '1'], ...commands];
  const remove =
    (...names: readonly string[]) =>
    (data: string) =>
      names.forEach((name) => rmSync(join(data, name), { recursive: true }));

  it.each(commands)('refuses an absent folder: %s', async (...args) => {
    await expectRefusal({
      args,
      prepare: (data) => rmSync(data, { recursive: true }),
      exitCode: 2,
      code: 'NO_DATA_FOLDER',
    });
  });

  it.each(commands)('refuses an unfinished folder: %s', async (...args) => {
    await expectRefusal({
      args,
      prepare: (data) => {
        remove('sorcha.json')(data);
        writeFileSync(join(data, '.unfinished'), '');
      },
      exitCode: 2,
      code: 'UNFINISHED_FOLDER',
    });
  });

  it.each(writers)('refuses a folder of something else: %s', async (...args) => {
    await expectRefusal({
      args,
      prepare: (data) => {
        remove('sorcha.json', 'node.key.json', 'cold')(data);
        writeFileSync(join(data, 'thesis.txt'), 'years of work');
      },
      exitCode: 2,
      code: 'FOREIGN_FOLDER',
    });
  });

  it.each(writers)('refuses a folder that lost its description: %s', async (...args) => {
    await expectRefusal({ args, prepare: remove('sorcha.json'), exitCode: 3, code: 'DAMAGED_FOLDER' });
  });

  it.each([
    ['without its node key', remove('node.key.json')],
    ['with an empty node key', (data: string) => truncateSync(join(data, 'node.key.json'))],
    ['of another node than its key', (data: string) => editDescription(data, 'node', 'other-')],
    [
      'with text in place of the cold store',
      (data: string) => writeFileSync(join(data, 'cold', 'cold.sqlite'), 'text'),
    ],
  ])('refuses to call a folder whole, or to make it so: %s', async (_name, prepare) => {
    await expectRefusal({ args: ['init'], prepare, exitCode: 3, code: 'DAMAGED_FOLDER' });
  });

  it.each([
    ['anchors', 'verify'],
    ['anchors', 'status'],
    ['anchors/main', 'verify'],
    ['anchors/main', 'status'],
  ])('refuses a file in place of %s: %s', async (name, command) => {
    const prepare = (data: string) => {
      remove(name)(data);
      writeFileSync(join(data, name), '');
    };
    await expectRefusal({ args: [command], prepare, exitCode: 3, code: 'DAMAGED_FOLDER' });
  });

  it.each(writers)('refuses a file: %s', async (...args) => {
    await expectRefusal({
      args,
      prepare: (data) => {
        rmSync(data, { recursive: true });
        writeFileSync(data, 'a file');
      },
      exitCode: 2,
      code: 'FOREIGN_FOLDER',
    });
  });

  it.each(writers)('refuses a folder of another version: %s', async (...args) => {
    await expectRefusal({
      args,
      prepare: (data) => writeFileSync(join(data, 'sorcha.json'), '{"format":"sorcha/data-folder/v2"}'),
      exitCode: 1,
      code: 'INCOMPATIBLE_FOLDER',
    });
  });

  it.each([
    ['sorcha.json', (path: string) => truncateSync(path, 10)],
    ['sorcha.json', (path: string) => writeFileSync(path, '{"format":"sorcha/data-folder/v1"}')],
    [
      'sorcha.json',
      (path: string) =>
        writeFileSync(path, readFileSync(path, 'utf8').replace('"register": "main"', '"register": "../x"')),
    ],
    ['node.key.json', (path: string) => rmSync(path)],
    ['node.key.json', (path: string) => truncateSync(path, 40)],
    ['node.key.json', (path: string) => writeFileSync(path, '{}')],
    ['node.key.json', makePipe],
    ['sorcha.json', makePipe],
    ['wallet.json', makePipe],
    ['wallet.json', (path: string) => truncateSync(path, 40)],
    [
      'wallet.json',
      (path: string) =>
        writeFileSync(path, '{"format":"sorcha/wallet/v1","keys":[{"algorithm":"ed25519","address":"ws1","jwk":{}}]}'),
    ],
  ])('refuses a damaged %s (%#)', async (name, damage) => {
    await expectRefusal({
      args: ['append', '--payload', '1'],
      prepare: (data) => damage(join(data, name)),
      exitCode: 3,
      code: 'DAMAGED_FOLDER',
    });
  });

  it('refuses to copy over a folder that tamper did not make', async () => {
    await expectRefusal({
      args: ['tamper', 'bit-flip'],
      prepare: (data) => {
        mkdirSync(`${data}-tampered`);
        appendFileSync(join(`${data}-tampered`, 'thesis.txt'), 'years of work');
      },
      exitCode: 2,
      code: 'TARGET_EXISTS',
    });
  });

  it('adopts nothing without --really', async () => {
    await expectRefusal({ args: ['adopt'], exitCode: 2, code: 'NOT_CONFIRMED' });
  });
});
