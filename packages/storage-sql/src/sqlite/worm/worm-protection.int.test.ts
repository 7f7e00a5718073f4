import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defineWorm, type WormStore } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openSqliteRecordDamage } from '../../testing/open-sqlite-record-damage.ts';
import { openSqliteWormStore } from './open-sqlite-worm-store.ts';

const MAX_BYTES = 1_000_000;
const definition = defineWorm({
  name: 'note',
  schema: z.string(),
  text: { encode: (text) => text, decode: (text) => text },
  maxBytes: MAX_BYTES,
});

async function openFilled(): Promise<{ file: string; store: WormStore<string>; raw: DatabaseSync }> {
  const file = join(await createTemporaryFolder(onTestFinished), 'worm.sqlite');
  const store = await openSqliteWormStore({ file, definition });
  await store.appendBatch('a', 0, ['zero', 'one', 'two']);
  const raw = new DatabaseSync(file);
  onTestFinished(async () => {
    raw.close();
    await store.close();
  });
  return { file, store, raw };
}

describe('the file refuses whoever writes past the store (FR-030)', () => {
  const columns = '(stream, sequence, text, sha256, sealed_at)';
  test.each([
    ['update', "update worm_note set text = 'other'"],
    ['update or replace', 'update or replace worm_note set sequence = 1 where sequence = 0'],
    ['delete', 'delete from worm_note where sequence = 2'],
    ['delete of everything', 'delete from worm_note'],
    ['replace', `insert or replace into worm_note ${columns} values ('a', 1, 'other', '', 0)`],
    ['upsert', `insert into worm_note ${columns} values ('a', 1, 'x', '', 0) on conflict do update set text = 'x'`],
    ['insert below', `insert into worm_note ${columns} values ('a', 1, 'other', '', 0)`],
    ['insert above a gap', `insert into worm_note ${columns} values ('a', 4, 'other', '', 0)`],
    ['insert of a first record at 1', `insert into worm_note ${columns} values ('b', 1, 'other', '', 0)`],
    ['insert at a negative sequence', `insert into worm_note ${columns} values ('b', -1, 'other', '', 0)`],
    ['insert of a fraction', `insert into worm_note ${columns} values ('a', 3.5, 'other', '', 0)`],
    ['insert without a time', `insert into worm_note ${columns} values ('a', 3, 'other', '', null)`],
  ])('%s', async (_, statement) => {
    const { store, raw } = await openFilled();
    expect(() => raw.exec(statement)).toThrow(/IMMUTABLE|SEQUENCE_CONFLICT|constraint|cannot store/);
    expect(await store.streams()).toEqual(['a']);
    expect(await store.verifyIntegrity('a')).toEqual({ checked: 3, damaged: [], missing: [] });
    expect(Buffer.from((await store.get('a', 1))?.bytes ?? []).toString()).toBe('one');
  });

  test('a trigger of somebody else is removed when the file is opened for writing', async () => {
    const { file, store, raw } = await openFilled();
    raw.exec('create trigger evil after insert on WORM_NOTE begin select raise(abort, 0); end');
    await expect(store.append('a', 3, 'three')).rejects.toMatchObject({ code: 'CORRUPTED' });
    const reopened = await openSqliteWormStore({ file, definition });
    onTestFinished(async () => reopened.close());
    await reopened.append('a', 3, 'three');
    expect(await reopened.health()).toMatchObject({ status: 'pass', enforcement: 'database' });
  });

  test('a trigger that lets records vanish is found by the append that loses one, and nothing is kept of it', async () => {
    const { store, raw } = await openFilled();
    raw.exec(`create trigger evil before insert on worm_note when new.text = 'four' begin select raise(ignore); end`);
    await expect(store.appendBatch('a', 3, ['three', 'four'])).rejects.toMatchObject({ code: 'CORRUPTED' });
    expect(await store.height('a')).toBe(2);
  });

  test('an index of somebody else is removed when the file is opened for writing', async () => {
    const { file, store, raw } = await openFilled();
    raw.exec('create index plain on WORM_NOTE (stream, sequence)');
    raw.exec('create unique index narrow on worm_note (stream) where sequence > 2');
    await store.append('a', 3, 'three');
    await expect(store.append('a', 4, 'four')).rejects.toMatchObject({ code: 'CORRUPTED' });
    const reopened = await openSqliteWormStore({ file, definition });
    onTestFinished(async () => reopened.close());
    expect(raw.prepare(`select name from sqlite_schema where type = 'index' and sql is not null`).all()).toEqual([]);
    expect(await reopened.append('a', 4, 'four')).toMatchObject({ sequence: 4 });
  });

  test('a record at a negative sequence, which blocks an empty stream, is CORRUPTED and no conflict', async () => {
    const { store, raw } = await openFilled();
    raw.exec('drop trigger worm_note_insert');
    raw.exec(`insert into worm_note values ('b', -5, 'x', '', 0)`);
    raw.exec(
      `create trigger worm_note_insert before insert on worm_note when new.sequence is not
      (select coalesce(max(sequence), -1) + 1 from worm_note where stream = new.stream)
      begin select raise(abort, 'SEQUENCE_CONFLICT'); end`,
    );
    await expect(store.append('b', 0, 'zero')).rejects.toMatchObject({ code: 'CORRUPTED' });
    expect(await store.height('b')).toBeUndefined();
    expect(await store.append('a', 3, 'three')).toMatchObject({ sequence: 3 });
  });

  test('the canary of a health check leaves nothing behind', async () => {
    const { store, raw } = await openFilled();
    expect(await store.health()).toMatchObject({ status: 'pass', enforcement: 'database', provider: 'sqlite' });
    expect(raw.prepare('select count(*) as rows from worm_note').get()).toEqual({ rows: 3 });
  });

  test.each(['insert', 'update', 'delete'])(
    'health names a dropped %s trigger, and opening again restores it',
    async (kind) => {
      const { file, store, raw } = await openFilled();
      raw.exec(`drop trigger worm_note_${kind}`);
      const health = await store.health();
      expect(health).toMatchObject({ status: 'warn', enforcement: 'process' });
      expect(health.detail).toContain(`"worm_note_${kind}"`);
      const again = await openSqliteWormStore({ file, definition });
      expect(await again.health()).toMatchObject({ status: 'pass', enforcement: 'database' });
      await again.close();
    },
  );

  test('a trigger that was made toothless is found by health and put back by opening', async () => {
    const { file, store, raw } = await openFilled();
    raw.exec('drop trigger worm_note_update');
    raw.exec('create trigger worm_note_update before update on worm_note begin select 1; end');
    expect(await store.health()).toMatchObject({ status: 'warn', enforcement: 'process' });
    const again = await openSqliteWormStore({ file, definition });
    expect(await again.health()).toMatchObject({ enforcement: 'database' });
    await again.close();
  });

  test('without its insert trigger the store itself still refuses a wrong sequence', async () => {
    const { store, raw } = await openFilled();
    raw.exec('drop trigger worm_note_insert');
    await expect(store.append('a', 1, 'other')).rejects.toMatchObject({ code: 'SEQUENCE_CONFLICT' });
    await expect(store.append('a', 9, 'other')).rejects.toMatchObject({ code: 'SEQUENCE_CONFLICT' });
  });
});

describe('what lies in the file comes back as it lies there', () => {
  test.each([
    ['a NUL inside', 'a\0b'],
    ['a NUL first', '\0'],
    ['a byte order mark', '\ufeffx'],
    ['line ends', 'a\r\nb\rc\n'],
    ['characters outside the BMP', '𝕏 e\u0301 \u{10ffff}'],
    ['nothing', ''],
    ['something like a number', '1e3'],
  ])('text with %s', async (_, text) => {
    const { store } = await openFilled();
    const written = await store.append('b', 0, text);
    const read = await store.get('b', 0);
    expect(Buffer.from(read?.bytes ?? [])).toEqual(Buffer.from(text));
    expect(read).toEqual(written);
    expect((await store.verifyIntegrity('b')).damaged).toEqual([]);
  });

  test('bytes that are no text come back raw, with a seal that shows the damage or hides it', async () => {
    const { file, store } = await openFilled();
    const damage = await openSqliteRecordDamage({ file, name: 'note' });
    const bytes = new Uint8Array([0xff, 0x00, 0xc3, 0x28, 0xed, 0xa0, 0x80]);
    await damage.replace('a', 1, bytes);
    expect((await store.get('a', 1))?.bytes).toEqual(bytes);
    expect(await store.verifyIntegrity('a')).toMatchObject({ damaged: [] });
    await damage.replace('a', 1, new Uint8Array([0]), { keepSeal: true });
    expect(await store.verifyIntegrity('a')).toMatchObject({ checked: 3, damaged: [1], missing: [] });
    await damage.close();
  });

  test('removed and stray records are told apart', async () => {
    const { file, store } = await openFilled();
    const damage = await openSqliteRecordDamage({ file, name: 'note' });
    await damage.remove('a', 1);
    await damage.insert('a', 5, Buffer.from('stray'));
    expect(await store.verifyIntegrity('a')).toEqual({ checked: 3, damaged: [], missing: [1, 3, 4] });
    expect(await store.height('a')).toBe(5);
    await expect(damage.remove('a', 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(damage.insert('a', 5, Buffer.from('x'))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await damage.close();
    expect(await store.health()).toMatchObject({ enforcement: 'database' });
  });

  test('integers beyond what JavaScript can hold are damage, not another number', async () => {
    const { store, raw } = await openFilled();
    raw.exec('drop trigger worm_note_update');
    raw.exec('update worm_note set sealed_at = 9007199254740993 where sequence = 1');
    await expect(store.get('a', 1)).rejects.toMatchObject({ code: 'CORRUPTED' });
    expect(await store.verifyIntegrity('a')).toEqual({ checked: 3, damaged: [1], missing: [] });
    raw.exec('update worm_note set sequence = 9007199254740993 where sequence = 2');
    await expect(store.height('a')).rejects.toMatchObject({ code: 'CORRUPTED' });
  });

  test('a record at a place that no writer reaches does not keep the others from being read', async () => {
    const { store, raw } = await openFilled();
    raw.exec('drop trigger worm_note_insert');
    const copy = (sequence: string) =>
      raw.exec(
        `insert into worm_note select stream, ${sequence}, text, sha256, sealed_at from worm_note where sequence = 2`,
      );
    copy('-1');
    expect([await store.height('a'), await store.count('a')]).toEqual([2, 3]);
    copy('1152921504606846976');
    await expect(store.height('a')).rejects.toMatchObject({ code: 'CORRUPTED' });
    const read = await Array.fromAsync(store.range('a', 0, Number.MAX_SAFE_INTEGER));
    expect(read.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
  });
});

describe('a schema that somebody has rewritten lets in anything', () => {
  /** Lets every column of the table hold anything, as who can write the file can, and runs statements on it. */
  function loosen(raw: DatabaseSync, ...statements: string[]): void {
    const { sql } = raw.prepare(`select sql from sqlite_schema where name = 'worm_note'`).get() ?? {};
    raw.exec('drop trigger worm_note_insert; drop trigger worm_note_update; drop trigger worm_note_delete');
    raw.exec(
      'create table loose (stream, sequence, text, sha256, sealed_at, primary key (stream, sequence)) without rowid',
    );
    raw.exec('insert into loose select * from worm_note; drop table worm_note; alter table loose rename to worm_note');
    statements.forEach((statement) => raw.exec(statement));
    raw.enableDefensive(false);
    raw.exec('pragma writable_schema = on');
    raw.prepare(`update sqlite_schema set sql = ? where name = 'worm_note'`).run(String(sql));
    raw.exec('pragma writable_schema = reset');
  }

  test('a record at a text is no record: it counts and makes the height CORRUPTED, and hides no other', async () => {
    const { file, store, raw } = await openFilled();
    loosen(raw, `insert into worm_note select stream, 'x', text, sha256, sealed_at from worm_note where sequence = 2`);
    await store.close();
    const reader = await openSqliteWormStore({ file, definition, readOnly: true });
    onTestFinished(async () => reader.close());
    await expect(reader.height('a')).rejects.toMatchObject({ code: 'CORRUPTED' });
    expect(await reader.count('a')).toBe(4);
    const read = await Array.fromAsync(reader.range('a', 0, Number.MAX_SAFE_INTEGER));
    expect(read.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
  });

  test('a record at a fraction counts and is not read', async () => {
    const { file, raw } = await openFilled();
    loosen(raw, `insert into worm_note select stream, 1.5, text, sha256, sealed_at from worm_note where sequence = 2`);
    const reader = await openSqliteWormStore({ file, definition, readOnly: true });
    onTestFinished(async () => reader.close());
    expect([await reader.height('a'), await reader.count('a')]).toEqual([2, 4]);
    expect(await reader.verifyIntegrity('a')).toEqual({ checked: 3, damaged: [], missing: [] });
  });

  test.each([
    ['a time that is text', `sealed_at = '1e3'`],
    ['a time of many bytes', 'sealed_at = zeroblob(1000000)'],
    ['a seal of many bytes', 'sha256 = zeroblob(1000000)'],
    ['a text of more bytes than the definition allows', `text = zeroblob(${MAX_BYTES + 1})`],
    ['no text', 'text = null'],
  ])('%s is damage of its record alone', async (_, change) => {
    const { file, raw } = await openFilled();
    loosen(raw, `update worm_note set ${change} where sequence = 1`);
    const reader = await openSqliteWormStore({ file, definition, readOnly: true });
    onTestFinished(async () => reader.close());
    expect(await reader.verifyIntegrity('a')).toEqual({ checked: 3, damaged: [1], missing: [] });
    await expect(reader.get('a', 1)).rejects.toMatchObject({ code: 'CORRUPTED' });
  });

  test('a stream with a name that is no text is not listed', async () => {
    const { file, raw } = await openFilled();
    loosen(raw, `insert into worm_note values (x'ff', 0, 'x', '', 0), (5, 0, 'x', '', 0), ('b', 0, 'x', '', 0)`);
    const reader = await openSqliteWormStore({ file, definition, readOnly: true });
    onTestFinished(async () => reader.close());
    expect(await reader.streams()).toEqual(['a', 'b']);
  });
});

test('a record whose sequence was changed within its page is found and does not lead a reader back', async () => {
  const { file, store } = await openFilled();
  await store.appendBatch(
    'b',
    0,
    Array.from({ length: 9 }, (_, index) => `marker ${index}`),
  );
  await store.close();
  const bytes = await readFile(file);
  const place = bytes.indexOf('b\u0005marker 5');
  expect(place).toBeGreaterThan(0);
  bytes[place + 1] = 1;
  await writeFile(file, bytes);
  const reader = await openSqliteWormStore({ file, definition, readOnly: true });
  onTestFinished(async () => reader.close());
  await expect(Array.fromAsync(reader.range('b', 0, 8))).rejects.toMatchObject({ code: 'CORRUPTED' });
  const { missing, damaged } = await reader.verifyIntegrity('b');
  expect([...missing, ...damaged]).toContain(5);
});

test('broken pages behind a foreign index that answers do not keep a verification going for ever', async () => {
  const { file, store, raw } = await openFilled();
  raw.exec('drop trigger worm_note_insert; create index plain on worm_note (stream, sequence)');
  raw.exec(`insert into worm_note values ('a', ${Number.MAX_SAFE_INTEGER}, 'x', 'y', 1)`);
  const { rootpage } = raw.prepare(`select rootpage from sqlite_schema where name = 'worm_note'`).get() ?? {};
  raw.exec('pragma wal_checkpoint(truncate)');
  await store.close();
  const bytes = await readFile(file);
  bytes[(Number(rootpage) - 1) * 4096] = 0xff;
  await writeFile(file, bytes);
  const reader = await openSqliteWormStore({ file, definition, readOnly: true });
  onTestFinished(async () => reader.close());
  expect(await reader.height('a')).toBe(Number.MAX_SAFE_INTEGER);
  await expect(reader.verifyIntegrity('a')).rejects.toMatchObject({ code: 'CORRUPTED' });
});

test('a lost page of the bookkeeping takes no record away from a reader, and the file takes nothing more', async () => {
  const { file, store, raw } = await openFilled();
  const { rootpage } = raw.prepare(`select rootpage from sqlite_schema where name = 'sorcha_schema'`).get() ?? {};
  raw.exec('pragma wal_checkpoint(truncate)');
  await store.close();
  const bytes = await readFile(file);
  await writeFile(file, bytes.fill(0, (Number(rootpage) - 1) * 4096, Number(rootpage) * 4096));
  const reader = await openSqliteWormStore({ file, definition, readOnly: true });
  expect(await reader.verifyIntegrity('a')).toEqual({ checked: 3, damaged: [], missing: [] });
  await reader.close();
  await expect(openSqliteWormStore({ file, definition })).rejects.toMatchObject({ code: 'CORRUPTED' });
  expect((await readFile(file)).equals(bytes)).toBe(true);
});

test('a long stream is read in batches bounded by rows and by bytes', async () => {
  const { store } = await openFilled();
  const big = 'x'.repeat(700_000);
  await store.appendBatch(
    'long',
    0,
    Array.from({ length: 450 }, (_, index) => (index % 90 === 7 ? big : `${index}`)),
  );
  const sequences: number[] = [];
  for await (const { sequence } of store.range('long', 3, 440)) {
    sequences.push(sequence);
  }
  expect(sequences).toEqual(Array.from({ length: 438 }, (_, index) => index + 3));
});
