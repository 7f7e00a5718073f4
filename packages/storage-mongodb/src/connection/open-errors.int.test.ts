import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { defineDocument, defineWorm, StorageError } from '@sorcha/storage';
import { startMongo } from '@sorcha/test-servers';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { openMongoDocumentStore } from '../documents/open-mongo-document-store.ts';
import { createMongoUser } from '../testing/create-mongo-user.ts';
import { openMongoWormStore } from '../worm/open-mongo-worm-store.ts';
import type { MongoOptions } from './mongo-options.ts';

const note = defineDocument({ name: 'note', schema: z.looseObject({ id: z.string() }), key: 'id' });
const event = defineWorm({ name: 'event', schema: z.object({ n: z.number() }) });

const ends: (() => Promise<void>)[] = [];
let server: Awaited<ReturnType<typeof startMongo>>;
let url: string;
beforeAll(async () => {
  server = await startMongo({ onEnd: (end) => ends.push(end) });
  url = await server.createDatabase();
});
afterAll(async () => {
  for (const end of ends) {
    await end();
  }
});

const openers = {
  documents: async (options: MongoOptions) => (await openMongoDocumentStore({ ...options, definition: note })).close(),
  records: async (options: MongoOptions) => (await openMongoWormStore({ ...options, definition: event })).close(),
};

/** Opens a store, which must fail; no password may be in any part of the error. */
async function refusalOf(open: (options: MongoOptions) => Promise<void>, options: MongoOptions) {
  const error = await open(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StorageError);
  const everything = inspect(error, { depth: 20, showHidden: true });
  expect(everything).not.toContain(new URL(url).password);
  expect(everything).not.toContain('s3cret');
  return error;
}

/** The url of the database for another user, or for nobody. */
function urlFor(username = '', password = ''): string {
  const other = new URL(url);
  [other.username, other.password] = [username, password];
  return other.href;
}

describe.each(Object.entries(openers))('a store of %s', (_, open) => {
  test('with a wrong password is UNAVAILABLE, and says what to check', async () => {
    const error = await refusalOf(open, { url, password: 's3cret' });
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(String(error)).toContain('authSource');
    expect(await refusalOf(open, { url: urlFor('nobody', 's3cret') })).toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('without a name and password is UNAVAILABLE', async () => {
    const error = await refusalOf(open, { url: urlFor() });
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(String(error)).toContain('name and password');
  });

  test('of a user without rights is refused, and says which', async () => {
    const user = await createMongoUser(url, ['read']);
    const error = await refusalOf(open, { ...user });
    expect(String(error)).toMatch(/grant|wormRoleDefinition/);
  });

  test('on a host where nobody listens is UNAVAILABLE within the time', async () => {
    const started = performance.now();
    const error = await refusalOf(open, { url: 'mongodb://ann:s3cret@127.0.0.1:1/db', connectTimeoutMs: 300 });
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(String(error)).toContain('127.0.0.1:1');
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test('on a host where something listens that does not answer is UNAVAILABLE within the time', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => {
      silent.close();
    });
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const started = performance.now();
    const silentUrl = `mongodb://ann:s3cret@127.0.0.1:${port}/db`;
    expect(await refusalOf(open, { url: silentUrl, connectTimeoutMs: 300, timeoutMs: 1_000 })).toMatchObject({
      code: 'UNAVAILABLE',
    });
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test('of another replica set is UNAVAILABLE', async () => {
    const other = new URL(url);
    other.searchParams.set('replicaSet', 'another');
    const error = await refusalOf(open, { url: other.href, connectTimeoutMs: 300 });
    expect(error).toMatchObject({ code: 'UNAVAILABLE' });
    expect(String(error)).toContain('replicaSet');
  });

  test('with a file for TLS that is not there, or a host that nobody knows, is UNAVAILABLE', async () => {
    const file = await refusalOf(open, {
      url: 'mongodb://ann:s3cret@127.0.0.1:1/db?tls=true&tlsCAFile=/nowhere/ca.pem',
    });
    expect(file).toMatchObject({ code: 'UNAVAILABLE', cause: { code: 'ENOENT' } });
    const host = await refusalOf(open, { url: 'mongodb+srv://ann:s3cret@nowhere.invalid/db' });
    expect(host).toMatchObject({ code: 'UNAVAILABLE', cause: { syscall: 'querySrv' } });
  });

  test('opens with the name and password apart from the url', async () => {
    const { username, password } = new URL(url);
    await open({ url: urlFor(), username, password });
  });
});
