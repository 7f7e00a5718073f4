import { describe, expect, test } from 'vitest';
import { checkMongoOptions, type MongoOptions } from './mongo-options.ts';

const url = 'mongodb://host:27017/orders';

describe('options', () => {
  test('name the place without secrets, and say what the driver promises', async () => {
    const { place, database, timeoutMs, client } = checkMongoOptions({
      url: 'mongodb://ann:s3cret@host:27017/orders?replicaSet=rs0',
    });
    expect({ place, database, timeoutMs }).toEqual({
      place: 'orders at host:27017',
      database: 'orders',
      timeoutMs: 30_000,
    });
    expect(client.options).toMatchObject({
      replicaSet: 'rs0',
      maxPoolSize: 10,
      retryWrites: true,
      writeConcern: { w: 'majority', journal: true },
      readConcern: { level: 'majority' },
      credentials: { username: 'ann', password: 's3cret', source: 'orders' },
    });
    await client.close();
  });

  test('come before what the url says', async () => {
    const { database, client } = checkMongoOptions({
      url: 'mongodb://ann:old@host/orders?authSource=admin',
      database: 'other',
      username: 'bob',
      password: 'new',
      tls: true,
      pool: { max: 3 },
    });
    expect(database).toBe('other');
    expect(client.options).toMatchObject({
      maxPoolSize: 3,
      tls: true,
      credentials: { username: 'bob', password: 'new', source: 'admin' },
    });
    await client.close();
  });

  test.each<[string, MongoOptions]>([
    ['no database', { url: 'mongodb://host' }],
    ['a database of the server', { url, database: 'admin' }],
    ['a database with a dot', { url, database: 'a.b' }],
    ['an empty name', { url, username: '' }],
    ['no connections', { url, pool: { max: 0 } }],
    ['no time', { url, timeoutMs: 0 }],
    ['half a millisecond', { url, connectTimeoutMs: 0.5 }],
    ['what the driver refuses', { url: `${url}?authMechanism=none`, username: 'ann', password: 's3cret' }],
  ])('%s is INVALID', (_, options) => {
    let error: unknown;
    try {
      checkMongoOptions(options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'INVALID' });
    expect(String(error)).not.toContain('s3cret');
  });
});
