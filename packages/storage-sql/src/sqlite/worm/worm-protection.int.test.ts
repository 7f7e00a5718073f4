import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defineWorm, type WormStore } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openSqliteRecordDamage } from '../../testing/open-sqlite-record-damage.ts';
import { openSqliteWormStore } from './open-sqlite-worm-store.ts';

const definition = defineWorm({
  name: 'note',
  schema: z.string(),
  text: { encode: (text) => text, decode: (text) => text },
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
    await expect(store.append('a', 3, 'three')).rejects.toThrow();
    const reopened = await openSqliteWormStore({ file, definition });
    onTestFinished(async () => reopened.close());
    await reopened.append('a', 3, 'three');
    expect(await reopened.health()).toMatchObject({ status: 'pass', enforcement: 'database' });
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
