import { describe, expect, it } from 'vitest';
import { checkOptions } from './redis-cache-options.ts';

const url = 'redis://h';

describe('the options of a cache on Redis', () => {
  it('have defaults', () => {
    expect(checkOptions({ url })).toMatchObject({
      isCluster: false,
      ttlMs: 900_000,
      deadlineMs: 500,
      sweepDeadlineMs: 30_000,
      startTimeoutMs: 10_000,
      compressAboveBytes: 4_096,
      maxValueBytes: 16_777_216,
      keySpace: { start: 'sorcha:' },
    });
  });

  it('sign in to every server, also to those that are named without', () => {
    const { endpoints, isCluster } = checkOptions({
      nodes: ['redis://a', 'rediss://b:1'],
      username: 'u',
      password: 'p',
      tls: { servername: 's' },
    });
    expect(isCluster).toBe(true);
    expect(endpoints).toEqual(
      [
        ['a', 6_379],
        ['b', 1],
      ].map(([host, port]) => ({ host, port, username: 'u', password: 'p', database: 0, tls: { servername: 's' } })),
    );
  });

  it.each([
    [{}, /url .* or nodes/],
    [{ url, nodes: [url] }, /url .* or nodes/],
    [{ nodes: [] }, /nodes is empty/],
    [{ nodes: [url, 'redis://h/1'] }, /must not name a database/],
    [{ nodes: [url, 'h'] }, /^nodes\[1\] is no URL/],
    [{ url, tls: { cert: 'c' } }, /^tls\.cert and tls\.key/],
    [{ url, tls: { key: 'k' } }, /^tls\.cert and tls\.key/],
    [{ url, prefix: '' }, /^prefix/],
    [{ url, ttlMs: 0 }, /^ttlMs/],
    [{ url, deadlineMs: 9 }, /^deadlineMs/],
    [{ url, deadlineMs: 60_001 }, /^deadlineMs/],
    [{ url, sweepDeadlineMs: 1.5 }, /^sweepDeadlineMs/],
    [{ url, startTimeoutMs: Number.NaN }, /^startTimeoutMs/],
    [{ url, compressAboveBytes: -1 }, /^compressAboveBytes/],
    [{ url, maxValueBytes: 2 ** 30 }, /^maxValueBytes/],
  ])('are refused by name: %o', (options, message) => {
    expect(() => checkOptions(options)).toThrow(expect.objectContaining({ code: 'INVALID' }));
    expect(() => checkOptions(options)).toThrow(message);
  });
});
