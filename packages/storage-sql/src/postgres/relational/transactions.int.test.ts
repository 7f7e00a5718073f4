import { defineEntity, type RelationalStore } from '@sorcha/storage';
import { startPostgres } from '@sorcha/test-servers';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openRawConnection } from '../../testing/open-raw-connection.ts';
import { MAX_ATTEMPTS } from '../connection/retry-conflicts.ts';
import { openPostgresRelationalStore, type PostgresRelationalOptions } from './open-postgres-relational-store.ts';

const server = await startPostgres({ onEnd: afterAll });
const user = defineEntity({
  name: 'user',
  schema: z.object({ id: z.string(), email: z.string().optional(), sum: z.int().optional() }),
  key: 'id',
  unique: [['email']],
});

async function createDatabase(options: Partial<PostgresRelationalOptions> = {}) {
  const url = await server.createDatabase();
  const open = async () => {
    const store = await openPostgresRelationalStore({ url, entities: [user], ...options });
    onTestFinished(async () => store.close());
    return store;
  };
  return { url, open };
}

const openStore = async (options?: Partial<PostgresRelationalOptions>) => (await createDatabase(options)).open();
const idsIn = async (store: RelationalStore) => (await store.repository(user).find({})).map(({ id }) => id);

describe('an error of the database within a transaction', () => {
  test('takes back the call that failed, and nothing else, however it writes', async () => {
    const store = await openStore();
    const [taken, other] = await store.repository(user).addMany([{ id: 'taken', email: 'x' }, { id: 'other' }]);
    await store.transaction(async (bound) => {
      const users = bound.repository(user);
      await users.add({ id: 'a' });
      await expect(users.add({ id: 'taken' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
      await expect(users.add({ id: 'b', email: 'x' })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
      await expect(users.addMany([{ id: 'c' }, { id: 'taken' }])).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
      await expect(users.update({ id: 'other', email: 'x', version: 1 })).rejects.toMatchObject({
        code: 'ALREADY_EXISTS',
      });
      await users.add({ id: 'd' });
    });
    expect(await store.repository(user).find({})).toEqual([
      { id: 'a', version: 1 },
      { id: 'd', version: 1 },
      other,
      taken,
    ]);
  });

  test('that its work hides takes the transaction back all the same', async () => {
    const { url, open } = await createDatabase({ statementTimeoutMs: 200 });
    const store = await open();
    const stored = await store.repository(user).add({ id: 'a' });
    const raw = await openRawConnection(url, onTestFinished);
    await raw.query("begin; select from sorcha.entity_user where id = 'a' for update");
    const hiding = store.transaction(async (bound) => {
      const users = bound.repository(user);
      await users.add({ id: 'b' });
      await users.delete('a').catch(() => undefined);
      await expect(users.count()).rejects.toMatchObject({ code: 'TIMEOUT' });
    });
    await expect(hiding).rejects.toMatchObject({ code: 'TIMEOUT' });
    await raw.query('rollback');
    expect(await store.repository(user).find({})).toEqual([stored]);
  });

  test('within a savepoint that fails leaves the transaction around it whole', async () => {
    const { url, open } = await createDatabase({ statementTimeoutMs: 200 });
    const store = await open();
    await store.repository(user).add({ id: 'a' });
    const raw = await openRawConnection(url, onTestFinished);
    await raw.query("begin; select from sorcha.entity_user where id = 'a' for update");
    await store.transaction(async (bound) => {
      await bound.repository(user).add({ id: 'b' });
      const inner = bound.transaction(async (nested) => nested.repository(user).delete('a'));
      await expect(inner).rejects.toMatchObject({ code: 'TIMEOUT' });
      await bound.repository(user).add({ id: 'c' });
    });
    await raw.query('rollback');
    expect(await idsIn(store)).toEqual(['a', 'b', 'c']);
  });
});

describe("transactions that get in each other's way", () => {
  const increment = async (store: RelationalStore) =>
    store.transaction(async (bound) => {
      const found = await bound.repository(user).get('a');
      if (found !== undefined) {
        await bound.repository(user).update({ ...found, sum: (found.sum ?? 0) + 1 });
      }
    });

  test('are run again, so that a few at once need no care', async () => {
    const store = await openStore();
    await store.repository(user).add({ id: 'a', sum: 0 });
    await Promise.all([1, 2, 3].map(async () => increment(store)));
    expect(await store.repository(user).get('a')).toMatchObject({ sum: 3, version: 4 });
  });

  test('so often that it ends are VERSION_CONFLICT, and nothing of them remains', async () => {
    const { url, open } = await createDatabase();
    const store = await open();
    await store.repository(user).add({ id: 'a', sum: 0 });
    const other = await openRawConnection(url, onTestFinished);
    let runs = 0;
    const unlucky = store.transaction(async (bound) => {
      runs += 1;
      const found = await bound.repository(user).get('a');
      await bound.repository(user).add({ id: `run ${runs}` });
      await other.query("update sorcha.entity_user set version = version + 1 where id = 'a'");
      await bound.repository(user).update({ id: 'a', version: found?.version ?? 0 });
    });
    await expect(unlucky).rejects.toMatchObject({ code: 'VERSION_CONFLICT' });
    expect(runs).toBe(MAX_ATTEMPTS);
    expect(await idsIn(store)).toEqual(['a']);
  });

  test('and work that makes another error of the conflict is run again too', async () => {
    const { url, open } = await createDatabase();
    const store = await open();
    await store.repository(user).add({ id: 'a', sum: 0 });
    const other = await openRawConnection(url, onTestFinished);
    let runs = 0;
    await store.transaction(async (bound) => {
      runs += 1;
      const found = await bound.repository(user).get('a');
      if (runs === 1) {
        await other.query("update sorcha.entity_user set version = version + 1 where id = 'a'");
      }
      await bound
        .repository(user)
        .update({ id: 'a', version: found?.version ?? 0 })
        .catch(() => {
          throw new Error('the work does not say why');
        });
    });
    expect(runs).toBe(2);
  });

  test('a version that is not current is no conflict of transactions: the work is not run again', async () => {
    const store = await openStore();
    await store.repository(user).add({ id: 'a' });
    let runs = 0;
    const failing = store.transaction(async (bound) => {
      runs += 1;
      await bound.repository(user).update({ id: 'a', version: 9 });
    });
    await expect(failing).rejects.toMatchObject({ code: 'VERSION_CONFLICT' });
    expect(runs).toBe(1);
  });

  test('a deadlock ends for both, one after the other', async () => {
    const store = await openStore();
    await store.repository(user).addMany([{ id: 'a' }, { id: 'b' }]);
    const change = async (first: string, second: string) =>
      store.transaction(async (bound) => {
        for (const id of [first, second]) {
          const found = await bound.repository(user).get(id);
          await bound.repository(user).update({ id, sum: 1, version: found?.version ?? 0 });
        }
      });
    await Promise.all([change('a', 'b'), change('b', 'a')]);
    expect(await store.repository(user).find({})).toMatchObject([{ version: 3 }, { version: 3 }]);
  });
});

test('a row that gets the version only after its removal found another one is a conflict, not absent', async () => {
  const { url, open } = await createDatabase();
  const store = await open();
  await store.repository(user).add({ id: 'a' });
  const raw = await openRawConnection(url, onTestFinished);
  await raw.query(`create function sorcha.change() returns trigger language plpgsql as $$ begin
      update sorcha.entity_user set version = 2; return null; end $$;
    create trigger change after delete on sorcha.entity_user for each statement execute function sorcha.change()`);
  await expect(store.repository(user).delete('a', { version: 2 })).rejects.toMatchObject({ code: 'VERSION_CONFLICT' });
  expect(await store.repository(user).get('a')).toEqual({ id: 'a', version: 2 });
});
