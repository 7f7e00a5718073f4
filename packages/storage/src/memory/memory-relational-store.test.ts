import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RelationalStore } from '../ports/relational-store.ts';
import { defineEntity } from '../schema/define-entity.ts';
import { createMemoryRelationalStore } from './memory-relational-store.ts';

const user = defineEntity({
  name: 'user',
  schema: z.object({ id: z.string(), email: z.string().optional(), born: z.date().optional() }),
  key: 'id',
  unique: [['email']],
});
const team = defineEntity({ name: 'team', schema: z.object({ id: z.int() }), key: 'id' });

const createStore = () => createMemoryRelationalStore({ entities: [user] });
const idsIn = async (store: RelationalStore) => (await store.repository(user).find({})).map(({ id }) => id);

describe('memory relational store: work that uses the wrong store', () => {
  it('the outer store refuses to wait for the transaction that calls it', async () => {
    const store = createStore();
    const outside = store.repository(user);
    await store.transaction(async () => {
      await expect(outside.add({ id: 'a' })).rejects.toMatchObject({ code: 'INVALID' });
      await expect(store.transaction(async () => 1)).rejects.toMatchObject({ code: 'INVALID' });
      await expect(Array.fromAsync(outside.scan({}))).rejects.toMatchObject({ code: 'INVALID' });
    });
    expect(await outside.count()).toBe(0);
  });

  it('the outer transaction refuses to wait for the savepoint that calls it', async () => {
    await createStore().transaction(async (outer) => {
      await outer.transaction(async () => {
        await expect(outer.repository(user).count()).rejects.toMatchObject({ code: 'INVALID' });
      });
      expect(await outer.repository(user).count()).toBe(0);
    });
  });

  it('another space can be used inside, and the outer store once the transaction is over', async () => {
    const store = createStore();
    const afterwards = Promise.withResolvers<void>();
    const later = await store.transaction(async () => {
      await store.tenant('one').repository(user).add({ id: 'a' });
      return { ids: afterwards.promise.then(async () => idsIn(store)) };
    });
    afterwards.resolve();
    expect(await later.ids).toEqual([]);
    expect(await idsIn(store.tenant('one'))).toEqual(['a']);
  });

  it('a store that belongs to a transaction is not closed by hand', async () => {
    await createStore().transaction(async (bound) => {
      await expect(bound.close()).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    });
  });

  it('refuses entities it was not created with, also ones that only look the same', () => {
    expect(() => createStore().repository(team)).toThrow(expect.objectContaining({ code: 'INVALID' }));
    expect(() => createStore().repository({ ...user })).toThrow(expect.objectContaining({ code: 'INVALID' }));
    expect(() => createMemoryRelationalStore({ entities: [user, user] })).toThrow(
      expect.objectContaining({ code: 'INVALID' }),
    );
  });
});

describe('memory relational store: transactions', () => {
  it('calls outside wait for a running transaction and never see what it takes back', async () => {
    const store = createStore();
    const hold = Promise.withResolvers<void>();
    const failing = store.transaction(async (bound) => {
      await bound.repository(user).add({ id: 'a', email: 'e' });
      await hold.promise;
      throw new Error('changed my mind');
    });
    const seen = idsIn(store);
    const added = store.repository(user).add({ id: 'b', email: 'e' });
    hold.resolve();
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await seen).toEqual([]);
    expect(await added).toEqual({ id: 'b', email: 'e', version: 1 });
  });

  it('a savepoint that nobody waited for is taken back when the transaction ends', async () => {
    const store = createStore();
    const hold = Promise.withResolvers<void>();
    const forgotten = await store.transaction(async (bound) => {
      const started = Promise.withResolvers<void>();
      const savepoint = bound.transaction(async (inner) => {
        await inner.repository(user).add({ id: 'a' });
        started.resolve();
        await hold.promise;
      });
      await started.promise;
      return { savepoint };
    });
    expect(await idsIn(store)).toEqual([]);
    hold.resolve();
    await expect(forgotten.savepoint).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await idsIn(store)).toEqual([]);
  });

  it('a signal ends the wait for the turn, and the turn still passes on', async () => {
    const store = createStore();
    const hold = Promise.withResolvers<void>();
    const abort = new AbortController();
    const running = store.transaction(async () => hold.promise);
    const waiting = store.repository(user).add({ id: 'a' }, { signal: abort.signal });
    const next = store.repository(user).add({ id: 'b' });
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT' });
    hold.resolve();
    await Promise.all([running, next]);
    expect(await idsIn(store)).toEqual(['b']);
  });

  it('closing the store fails a running transaction and what waits behind it', async () => {
    const store = createStore();
    const hold = Promise.withResolvers<void>();
    const running = store.transaction(async () => hold.promise);
    const waiting = idsIn(store);
    await store.close();
    hold.resolve();
    await expect(running).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('memory relational store: copies and tenants', () => {
  it('what is written and read shares nothing with the store, dates included', async () => {
    const users = createStore().repository(user);
    const entity = { id: 'a', born: new Date(0) };
    const added = users.add(entity);
    entity.id = 'b';
    entity.born.setTime(1);
    (await added).born?.setTime(2);
    (await users.get('a'))?.born?.setTime(3);
    expect(await users.find({})).toEqual([{ id: 'a', born: new Date(0), version: 1 }]);
  });

  it('closing one handle of a tenant leaves the rows to other handles', async () => {
    const store = createStore();
    const first = store.tenant('one');
    await first.repository(user).add({ id: 'a' });
    await first.close();
    await expect(idsIn(first)).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await idsIn(store.tenant('one'))).toEqual(['a']);
    expect(await idsIn(store)).toEqual([]);
  });

  it('a scan yields what a row is when it is reached', async () => {
    const users = createStore().repository(user);
    const rows = await users.addMany(['a', 'b', 'c'].map((id) => ({ id, email: id })));
    const seen: string[] = [];
    for await (const { id, email } of users.scan({ email: { $ne: 'gone' } })) {
      seen.push(`${id} ${email}`);
      if (id === 'a') {
        await users.update({ ...(rows[1] ?? { id: 'b', version: 1 }), email: 'gone' });
        await users.update({ ...(rows[2] ?? { id: 'c', version: 1 }), email: 'new' });
      }
    }
    expect(seen).toEqual(['a a', 'c new']);
  });
});
