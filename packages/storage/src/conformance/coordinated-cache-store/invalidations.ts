import assert from 'node:assert/strict';
import type { CoordinatedCacheStore } from '../../ports/coordinated-cache-store.ts';
import type { Fact } from '../create-fact.ts';
import type { OpenedCoordinatedStores } from './coordinated-provider.ts';

const STEP_MS = 20;
const MOST_STEPS = 150;

const changes: Readonly<Record<string, (store: CoordinatedCacheStore) => Promise<unknown>>> = {
  set: async (store) => store.set('a:1', 5),
  remove: async (store) => store.remove('a:1'),
  removeByPattern: async (store) => store.removeByPattern('a:*'),
  increment: async (store) => store.increment('a:1'),
  setIfLeased: async (store) => {
    await store.lease('a:1', 'token', { ttlMs: 60_000 });
    await store.setIfLeased('a:1', 'token', 5);
  },
};

/** Listens to a store; says what was heard. */
function listen(store: CoordinatedCacheStore) {
  const heard = new Set<string>();
  const channel: boolean[] = [];
  const end = store.onInvalidation({
    onChange: (keys) => {
      for (const key of keys === 'all' ? ['all'] : keys) {
        heard.add(key);
      }
    },
    onChannel: (isUp) => channel.push(isUp),
  });
  return { heard, channel, end, hears: (key: string) => heard.has(key) || heard.has('all') };
}

/** Lets time pass until something is so. */
async function until(isSo: () => boolean, advance: (ms: number) => Promise<void>): Promise<boolean> {
  for (let step = 0; step < MOST_STEPS && !isSo(); step += 1) {
    await advance(STEP_MS);
  }
  return isSo();
}

/** Hearing of what others change. */
export function describeInvalidations(fact: Fact<OpenedCoordinatedStores>): void {
  for (const [name, change] of Object.entries(changes)) {
    fact(`${name} by another store is heard`, async ({ store, other, advance }) => {
      await other.set('a:1', 1);
      const { channel, hears } = listen(store);
      assert.ok(await until(() => channel.at(-1) === true, advance), 'the channel must come up');
      await store.getWithTtl('a:1');
      await change(other);
      assert.ok(await until(() => hears('a:1'), advance), 'the change must be heard');
    });
  }

  fact('a listener is first told whether the channel is up', async ({ store }) => {
    const { channel, heard } = listen(store);
    assert.equal(channel.length, 1);
    assert.equal(heard.size, 0);
  });

  fact('several listeners hear, until each is ended', async ({ store, other, advance }) => {
    const first = listen(store);
    const second = listen(store);
    assert.ok(await until(() => first.channel.at(-1) === true && second.channel.at(-1) === true, advance));
    first.end();
    first.end();
    await other.set('a', 1);
    assert.ok(await until(() => second.hears('a'), advance));
    assert.equal(first.heard.size, 0);
  });

  fact('closing ends a listener', async ({ store, other, advance }) => {
    const { channel, heard } = listen(store);
    assert.ok(await until(() => channel.at(-1) === true, advance));
    await store.close();
    await other.set('a', 1);
    await advance(STEP_MS);
    assert.equal(heard.size, 0);
  });
}
