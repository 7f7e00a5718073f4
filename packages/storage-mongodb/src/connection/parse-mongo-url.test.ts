import { StorageError } from '@sorcha/storage';
import { describe, expect, test } from 'vitest';
import { parseMongoUrl } from './parse-mongo-url.ts';

/** The message of the refusal. */
function refusalOf(url: string): string {
  try {
    parseMongoUrl(url);
  } catch (error) {
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({ code: 'INVALID' });
    return error instanceof Error ? error.message : '';
  }
  return 'accepted';
}

describe('a url', () => {
  test('is divided, and the driver gets it without name and password', () => {
    expect(
      parseMongoUrl('mongodb://ann:p%40ss%3Aword@a.example:27017,b.example/orders?replicaSet=rs0&tls=true'),
    ).toEqual({
      url: 'mongodb://a.example:27017,b.example/orders?replicaSet=rs0&tls=true',
      hosts: 'a.example:27017,b.example',
      database: 'orders',
      username: 'ann',
      password: 'p@ss:word',
    });
  });

  test.each([
    ['mongodb://host', 'mongodb://host/', undefined],
    ['mongodb://host/', 'mongodb://host/', undefined],
    ['mongodb+srv://host/db', 'mongodb+srv://host/db', 'db'],
    ['mongodb://[::1]:27017/db', 'mongodb://[::1]:27017/db', 'db'],
    ['mongodb://%2Ftmp%2Fmongodb-27017.sock/db', 'mongodb://%2Ftmp%2Fmongodb-27017.sock/db', 'db'],
    ['mongodb+srv://host/db?retryWrites=true&w=majority&appName=x', 'mongodb+srv://host/db?appName=x', 'db'],
  ])('%s needs no name', (given, url, database) => {
    expect(parseMongoUrl(given)).toMatchObject({ url, database, username: undefined, password: undefined });
  });

  test('may leave out the password', () => {
    expect(parseMongoUrl('mongodb://ann@host/db')).toMatchObject({ username: 'ann', password: undefined });
    expect(parseMongoUrl('mongodb://ann:@host/db')).toMatchObject({ username: 'ann', password: '' });
  });

  test.each([
    ['', 'it must look like'],
    ['mongo://host/db', 'it must look like'],
    ['mongodb:///db', 'it must look like'],
    ['mongodb://host/db/collection', 'it must look like'],
    ['mongodb://ann:s3cret@x@host/db', 'it must look like'],
    ['mongodb://ann:s3cret%zz@host/db', 'not followed by two hex digits'],
    ['mongodb://ann:s3cret@host/db?w=1', 'w can only be "majority"'],
    ['mongodb://ann:s3cret@host/db?readPreference=secondary', 'readPreference can only be "primary"'],
    ['mongodb://ann:s3cret@host/db?maxPoolSize=5', 'parameter "maxPoolSize"'],
    ['mongodb://ann:s3cret@host/db?proxyPassword=x', 'parameter "proxyPassword"'],
  ])('is refused without repeating it: %s', (url, reason) => {
    expect(refusalOf(url)).toContain(reason);
    expect(refusalOf(url)).not.toContain('s3cret');
  });
});
