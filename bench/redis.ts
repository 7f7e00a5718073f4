/**
 * Claim: the cache on Redis is as fast as bare node-redis with JSON (0.95 or more), although it adds prefixes, checks, a
 * deadline for every call and a version byte.
 *
 * Node-redis gives every command a timeout of its own by default; the second peer has it switched off.
 */
import { openRedisCacheStore } from '@sorcha/storage-redis';
import { startRedis } from '@sorcha/test-servers';
import { createClient } from 'redis';
import { type Contender, measureRatio, printRatio } from './measure-ratio.ts';

const OPERATIONS = 20_000;
const TTL_MS = 900_000;
const toValue = (characters: number) => ({
  id: 'user:12345',
  name: 'Someone Somewhere',
  tags: ['a', 'b', 'c'],
  nested: { count: 1, list: [1, 2, 3], text: 'x'.repeat(characters) },
  score: 12.5,
});

const ends: (() => Promise<void>)[] = [];
const server = await startRedis({ onEnd: (end) => ends.push(end) });
const store = await openRedisCacheStore({ url: server.url, prefix: 'bench' });
const connect = async (commandOptions: { timeout?: number }) => {
  const client = createClient({ url: server.url, commandOptions });
  client.on('error', console.error);
  return client.connect();
};
const peers = {
  'bare node-redis': await connect({}),
  'bare node-redis without timeouts': await connect({ timeout: 0 }),
};

const parse = (json: string): unknown => JSON.parse(json);

/** Does the work in so many loops at once. */
function inParallel(name: string, loops: number, work: (index: number) => Promise<unknown>): Contender {
  const operations = loops === 1 ? OPERATIONS / 5 : OPERATIONS;
  return {
    name,
    run: async () => {
      let next = 0;
      const loop = async () => {
        while (next < operations) {
          await work(next++);
        }
      };
      await Promise.all(Array.from({ length: loops }, loop));
    },
  };
}

for (const characters of [100, 3_500]) {
  const value = toValue(characters);
  await Promise.all(Array.from({ length: 100 }, async (_, index) => store.set(`k${index}`, value)));
  for (const [name, client] of Object.entries(peers)) {
    await Promise.all(Array.from({ length: 100 }, async (_, index) => client.set(`k${index}`, JSON.stringify(value))));
    for (const loops of [1, 64]) {
      const what = `${JSON.stringify(value).length} bytes, ${loops} at once, than ${name}`;
      const gets = await measureRatio(
        inParallel('ours', loops, async (index) => store.get(`k${index % 100}`)),
        inParallel(name, loops, async (index) => parse((await client.get(`k${index % 100}`)) ?? 'null')),
      );
      printRatio(`times as many gets: ${what}`, gets);
      const sets = await measureRatio(
        inParallel('ours', loops, async (index) => store.set(`k${index % 100}`, value, { ttlMs: TTL_MS })),
        inParallel(name, loops, async (index) =>
          client.set(`k${index % 100}`, JSON.stringify(value), { expiration: { type: 'PX', value: TTL_MS } }),
        ),
      );
      printRatio(`times as many sets: ${what}`, sets);
    }
  }
}

await store.close();
for (const client of Object.values(peers)) {
  client.destroy();
}
for (const end of ends) {
  await end();
}
