import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { addressOf, parseEndpoint } from './endpoint.ts';

const plain = { port: 6379, username: undefined, password: undefined, database: 0, tls: undefined };

describe('the URL of a server', () => {
  it.each([
    ['redis://localhost', { ...plain, host: 'localhost' }],
    ['redis://10.0.0.1:7000/', { ...plain, host: '10.0.0.1', port: 7_000 }],
    ['redis://[::1]:7000/3', { ...plain, host: '::1', port: 7_000, database: 3 }],
    ['rediss://example.org', { ...plain, host: 'example.org', tls: {} }],
    ['redis://:p%40ss@h', { ...plain, host: 'h', password: 'p@ss' }],
    ['redis://me:p%3A%2F@h/1', { ...plain, host: 'h', username: 'me', password: 'p:/', database: 1 }],
  ])('%s', (url, endpoint) => {
    expect(parseEndpoint(url, 'url')).toEqual(endpoint);
  });

  it.each([
    '',
    'localhost:6379',
    'http://:secret@host',
    'redis://',
    'redis://:secret@host:99999',
    'redis://:secret@host/name',
    'redis://:secret@host/1/2',
    'redis://:secret@host/-1',
    'redis://:secret@host/0?db=1',
    'redis://:secret@host#secret',
    'redis://:secret%@host',
  ])('is refused without a word of its secrets: %s', (url) => {
    const parse = () => parseEndpoint(url, 'nodes[1]');
    expect(parse).toThrow(expect.objectContaining({ code: 'INVALID' }));
    expect(parse).toThrow(/^nodes\[1\] /);
    try {
      parse();
    } catch (error) {
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret');
    }
  });

  it('is named by host and port', () => {
    expect(addressOf({ host: 'h', port: 1 })).toBe('h:1');
    expect(addressOf({ host: '::1', port: 1 })).toBe('[::1]:1');
  });
});
