import { defineWorm, type WormStore } from '@sorcha/storage';
import { startPostgres } from '@sorcha/test-servers';
import type { Client } from 'pg';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createWormRoles, type WormRoles } from '../../testing/create-worm-roles.ts';
import { openPostgresRecordDamage } from '../../testing/open-postgres-record-damage.ts';
import { openRawConnection } from '../../testing/open-raw-connection.ts';
import { createPostgresWormTable } from './create-postgres-worm-table.ts';
import { openPostgresWormStore } from './open-postgres-worm-store.ts';

const server = await startPostgres({ onEnd: afterAll });
const definition = defineWorm({
  name: 'note',
  schema: z.string(),
  text: { encode: (text) => text, decode: (text) => text },
});

/** So many that each partition has one. */
const texts = Array.from({ length: 40 }, (_, index) => ['zero', 'one', 'two'][index] ?? `${index}`);

interface Filled extends WormRoles {
  readonly store: WormStore<string>;
  /** The service's own connection, past the store. */
  readonly own: Client;
  readonly superuser: string;
}

/** A stream of 40 records in a table that another user owns. */
async function openFilled(): Promise<Filled> {
  const superuser = await server.createDatabase();
  const roles = await createWormRoles(superuser);
  await createPostgresWormTable({ url: roles.owner, definition, serviceRole: roles.serviceRole });
  const store = await open(roles.service);
  await store.appendBatch('a', 0, texts);
  return { ...roles, store, superuser, own: await openRawConnection(roles.service, onTestFinished) };
}

async function open(url: string): Promise<WormStore<string>> {
  const store = await openPostgresWormStore({ url, definition });
  onTestFinished(async () => store.close());
  return store;
}

const columns = '(stream, sequence, bytes, sha256, sealed_at)';
const changes: readonly (readonly [string, string])[] = [
  ['update', "update sorcha.worm_note set bytes = 'other'"],
  ['update of the key', 'update sorcha.worm_note set sequence = 7 where sequence = 39'],
  ['delete', 'delete from sorcha.worm_note where sequence = 39'],
  ['delete of everything', 'delete from sorcha.worm_note'],
  ['truncate', 'truncate sorcha.worm_note'],
  ['truncate of a partition', 'truncate sorcha."worm_note:0"'],
  ['delete from a partition', 'delete from sorcha."worm_note:1"'],
  [
    'upsert',
    `insert into sorcha.worm_note ${columns} values ('a', 1, 'x', '', 0) on conflict (stream, sequence) do update set bytes = 'x'`,
  ],
  ['insert over a record', `insert into sorcha.worm_note ${columns} values ('a', 1, 'other', '', 0)`],
  ['insert above a gap', `insert into sorcha.worm_note ${columns} values ('a', 41, 'other', '', 0)`],
  [
    'insert of several with a gap',
    `insert into sorcha.worm_note ${columns} values ('a', 40, 'x', '', 0), ('a', 42, 'x', '', 0)`,
  ],
  ['insert of a first record at 1', `insert into sorcha.worm_note ${columns} values ('b', 1, 'other', '', 0)`],
  ['insert at a negative sequence', `insert into sorcha.worm_note ${columns} values ('b', -1, 'other', '', 0)`],
  ['insert without a time', `insert into sorcha.worm_note ${columns} values ('a', 40, 'other', '', null)`],
  ['insert into a partition', `insert into sorcha."worm_note:0" ${columns} values ('zz', 8, 'other', '', 0)`],
  ['merge', 'merge into sorcha.worm_note t using (select 1) s on t.sequence = 2 when matched then delete'],
];
const removals: readonly (readonly [string, string])[] = [
  ['drop', 'drop table sorcha.worm_note'],
  ['drop of a partition', 'drop table sorcha."worm_note:0"'],
  ['detach of a partition', 'alter table sorcha.worm_note detach partition sorcha."worm_note:0"'],
  ['disabled triggers', 'alter table sorcha.worm_note disable trigger all'],
  ['a dropped trigger', 'drop trigger refuse_update on sorcha.worm_note'],
  [
    'another function',
    `create or replace function sorcha."worm_note:refuse"() returns trigger language plpgsql as $$ begin return new; end $$`,
  ],
  ['sleeping triggers', 'set session_replication_role = replica; delete from sorcha.worm_note'],
  ['a rule', 'create rule r as on insert to sorcha.worm_note do instead nothing'],
  ['a changed type', 'alter table sorcha.worm_note alter column bytes type text'],
  ['another owner', 'alter table sorcha.worm_note owner to current_user'],
  ['a table in its schema', 'create table sorcha.mine ()'],
];

describe('with its own credentials the service cannot change a record (FR-030)', () => {
  test.each([...changes, ...removals])('%s', async (_, statement) => {
    const { own, store } = await openFilled();
    await expect(own.query(statement)).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:SRIMM|SRSEQ|42501|23505|23502)$/u) as unknown,
    });
    expect(await store.streams()).toEqual(['a']);
    expect(await store.verifyIntegrity('a')).toEqual({ checked: 40, damaged: [], missing: [] });
    expect(Buffer.from((await store.get('a', 1))?.bytes ?? []).toString()).toBe('one');
  });
});

describe('triggers refuse even the owner and a superuser to change a record', () => {
  test.each(changes)('%s', async (_, statement) => {
    const { owner, superuser, store } = await openFilled();
    for (const url of [owner, superuser]) {
      const raw = await openRawConnection(url, onTestFinished);
      await expect(raw.query(statement)).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:SRIMM|SRSEQ|23505|23502|23514)$/u) as unknown,
      });
    }
    const raw = await openRawConnection(superuser, onTestFinished);
    await raw.query('set session_replication_role = replica');
    await expect(raw.query('delete from sorcha.worm_note')).rejects.toMatchObject({ code: 'SRIMM' });
    expect(await store.verifyIntegrity('a')).toEqual({ checked: 40, damaged: [], missing: [] });
  });
});

describe('health says what holds', () => {
  test('the database enforces it when the service owns nothing', async () => {
    const { store } = await openFilled();
    expect(await store.health()).toMatchObject({ status: 'pass', enforcement: 'database', provider: 'postgres' });
    expect(await store.streams()).toEqual(['a']);
  });

  test('only the process does, by name, when the service owns the table', async () => {
    const store = await open(await server.createDatabase());
    await store.append('a', 0, 'zero');
    const health = await store.health();
    expect(health).toMatchObject({ status: 'warn', enforcement: 'process' });
    expect(health.detail).toMatch(/owns the table.*createPostgresWormTable/u);
    expect(await store.streams()).toEqual(['a']);
  });

  test.each([
    [
      'update',
      'grant update on sorcha.worm_note to service; alter table sorcha.worm_note disable trigger refuse_update',
      /to update/u,
    ],
    [
      'truncate',
      'grant truncate on sorcha.worm_note to service; drop function sorcha."worm_note:refuse" cascade',
      /to truncate/u,
    ],
    ['leave a gap', 'alter table sorcha.worm_note disable trigger follow_insert', /leave a gap/u],
  ])('what is not refused is named: %s', async (_, statements, words) => {
    const { store, superuser, serviceRole, owner } = await openFilled();
    const raw = await openRawConnection(superuser, onTestFinished);
    await raw.query(statements.replace('to service', `to ${serviceRole}`));
    const health = await store.health();
    expect(health).toMatchObject({
      status: 'warn',
      enforcement: 'process',
      detail: expect.stringMatching(words) as unknown,
    });
    await createPostgresWormTable({ url: owner, definition, serviceRole });
    expect(await store.health()).toMatchObject({ status: 'pass', enforcement: 'database' });
    expect(await store.verifyIntegrity('a')).toEqual({ checked: 40, damaged: [], missing: [] });
  });

  test('a member of the owner is as good as the owner', async () => {
    const { store, superuser, serviceRole, owner } = await openFilled();
    const raw = await openRawConnection(superuser, onTestFinished);
    await raw.query(`grant ${new URL(owner).username} to ${serviceRole}`);
    expect(await store.health()).toMatchObject({ status: 'warn', enforcement: 'process' });
  });

  test.each(['schema sorcha', 'database'])('so is the owner of the %s, who could remove it', async (what) => {
    const { store, superuser, serviceRole } = await openFilled();
    const raw = await openRawConnection(superuser, onTestFinished);
    const name = what === 'database' ? `database "${new URL(superuser).pathname.slice(1)}"` : what;
    await raw.query(`alter ${name} owner to ${serviceRole}`);
    expect(await store.health()).toMatchObject({ status: 'warn', enforcement: 'process' });
    await expect(createPostgresWormTable({ url: superuser, definition, serviceRole })).rejects.toMatchObject({
      code: 'INVALID',
    });
  });
});

describe('the owner', () => {
  test('cannot be the user of the store, nor can a superuser', async () => {
    const { owner } = await openFilled();
    for (const serviceRole of [new URL(owner).username, 'postgres']) {
      await expect(createPostgresWormTable({ url: owner, definition, serviceRole })).rejects.toMatchObject({
        code: 'INVALID',
      });
    }
    await expect(createPostgresWormTable({ url: owner, definition, serviceRole: 'nobody"; --' })).rejects.toMatchObject(
      {
        code: 'UNAVAILABLE',
      },
    );
  });

  test('puts back triggers that were removed or changed, without which the store is not opened', async () => {
    const { owner, service, serviceRole } = await openFilled();
    const raw = await openRawConnection(owner, onTestFinished);
    await raw.query('drop trigger refuse_delete on sorcha.worm_note');
    await expect(open(service)).rejects.toMatchObject({ code: 'INCOMPATIBLE_SERVER' });
    await createPostgresWormTable({ url: owner, definition, serviceRole });
    expect(await (await open(service)).health()).toMatchObject({ status: 'pass', enforcement: 'database' });
  });

  test('does not make a table anew that is lost', async () => {
    const { owner, serviceRole } = await openFilled();
    const raw = await openRawConnection(owner, onTestFinished);
    await raw.query('drop table sorcha.worm_note');
    await expect(createPostgresWormTable({ url: owner, definition, serviceRole })).rejects.toMatchObject({
      code: 'CORRUPTED',
    });
  });
});

describe('what lies in the table comes back as it lies there', () => {
  test('bytes that are no text come back raw, with a seal that shows the damage or hides it', async () => {
    const { owner, store } = await openFilled();
    const damage = await openPostgresRecordDamage({ url: owner, name: 'note' });
    const bytes = new Uint8Array([0xff, 0x00, 0xc3, 0x28, 0xed, 0xa0, 0x80]);
    await damage.replace('a', 1, bytes);
    expect(Buffer.from((await store.get('a', 1))?.bytes ?? [])).toEqual(Buffer.from(bytes));
    expect(await store.verifyIntegrity('a')).toMatchObject({ damaged: [] });
    await damage.replace('a', 1, new Uint8Array([0]), { keepSeal: true });
    expect(await store.verifyIntegrity('a')).toEqual({ checked: 40, damaged: [1], missing: [] });
    await damage.close();
  });

  test('removed and stray records are told apart, and the triggers are there again', async () => {
    const { owner, store } = await openFilled();
    const damage = await openPostgresRecordDamage({ url: owner, name: 'note' });
    await damage.remove('a', 1);
    await damage.insert('a', 42, Buffer.from('stray'));
    expect(await store.verifyIntegrity('a')).toEqual({ checked: 40, damaged: [], missing: [1, 40, 41] });
    expect(await store.height('a')).toBe(42);
    await expect(damage.remove('a', 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(damage.insert('a', 42, Buffer.from('x'))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await damage.close();
    expect(await store.health()).toMatchObject({ enforcement: 'database' });
  });

  test('integers beyond what JavaScript can hold are damage, not another number', async () => {
    const { superuser, store } = await openFilled();
    const raw = await openRawConnection(superuser, onTestFinished);
    await raw.query('alter table sorcha.worm_note disable trigger user');
    await raw.query('update sorcha.worm_note set sealed_at = 9007199254740993 where sequence = 1');
    await expect(store.get('a', 1)).rejects.toMatchObject({ code: 'CORRUPTED' });
    expect(await store.verifyIntegrity('a')).toEqual({ checked: 40, damaged: [1], missing: [] });
    await raw.query('update sorcha.worm_note set sequence = 9007199254740993 where sequence = 39');
    await expect(store.height('a')).rejects.toMatchObject({ code: 'CORRUPTED' });
  });
});
