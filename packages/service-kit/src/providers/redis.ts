import { readFile } from 'node:fs/promises';
import { StorageError } from '@sorcha/storage';
import type { RedisTls } from '@sorcha/storage-redis';
import type { z } from 'zod';
import { dropUnset } from '../config/drop-unset.ts';
import { toConnectionText } from '../config/server-url.ts';
import {
  fileSetting,
  listSetting,
  secretSetting,
  serverUrlSetting,
  textSetting,
  wholeNumberSetting,
} from '../config/settings.ts';
import { defineCacheProvider } from './define-cache-provider.ts';

const address = serverUrlSetting(['redis:', 'rediss:'], 'redis://host:6379, or rediss:// for TLS');

const settings = {
  url: address.optional(),
  nodes: listSetting(address, 'a list of addresses of some nodes of a cluster, instead of "url"').optional(),
  username: textSetting().optional(),
  password: secretSetting().optional(),
  tlsCaFile: fileSetting('a PEM file with the authorities that sign the certificate of the server').optional(),
  tlsCertFile: fileSetting('a PEM file with the certificate of this service').optional(),
  tlsKeyFile: fileSetting('a PEM file with the key of that certificate').optional(),
  tlsServername: textSetting('the name in the certificate of the server, where it is not its host').optional(),
  prefix: textSetting('what the keys of this service begin with, 1 to 64 characters', /^\P{Cc}{1,64}$/u).default(
    'sorcha',
  ),
  nearMaxEntries: wholeNumberSetting(0, 10_000_000, 'copies in this process; 0 for none').default(0),
  nearTtlMs: wholeNumberSetting(1, 31_536_000_000, 'in milliseconds').default(5_000),
  compressAboveBytes: wholeNumberSetting(0, 536_870_911, 'in bytes').default(4_096),
  maxValueBytes: wholeNumberSetting(1, 536_870_911, 'in bytes').default(16_777_216),
};

type RedisSettings = z.output<z.ZodObject<typeof settings>>;

/** Redis, one server or a cluster. */
export const redisProviders = [
  defineCacheProvider({
    name: 'redis',
    settings,
    blame: blameRedis,
    openCoordinated: async (chosen, { ttlMs, deadlineMs, patternDeadlineMs }) => {
      const { username, prefix, compressAboveBytes, maxValueBytes, nearMaxEntries, nearTtlMs } = chosen;
      const { openRedisCacheStore } = await import('@sorcha/storage-redis');
      const store = await openRedisCacheStore({
        ...dropUnset({
          url: chosen.url && toConnectionText(chosen.url),
          nodes: chosen.nodes?.map((node) => toConnectionText(node)),
          username,
          password: chosen.password?.reveal(),
          tls: await readTls(chosen),
        }),
        prefix,
        ttlMs,
        deadlineMs,
        sweepDeadlineMs: patternDeadlineMs,
        compressAboveBytes,
        maxValueBytes,
      });
      if (nearMaxEntries === 0) {
        return store;
      }
      const { createNearCache } = await import('@sorcha/storage/layers');
      return createNearCache(store, { maxEntries: nearMaxEntries, ttlMs: nearTtlMs });
    },
  }),
];

/** The files are read whenever the store is opened, so that one which is tried again takes those that have changed. */
async function readTls(chosen: RedisSettings): Promise<RedisTls | undefined> {
  const read = async (name: 'tlsCaFile' | 'tlsCertFile' | 'tlsKeyFile'): Promise<string | undefined> => {
    const file = chosen[name];
    try {
      return file === undefined ? undefined : await readFile(file, 'utf8');
    } catch (cause) {
      throw new StorageError('INVALID', `${name} cannot be read: "${file}".`, { cause });
    }
  };
  const [ca, cert, key] = await Promise.all([read('tlsCaFile'), read('tlsCertFile'), read('tlsKeyFile')]);
  const tls = dropUnset({ ca, cert, key, servername: chosen.tlsServername });
  return Object.keys(tls).length === 0 ? undefined : tls;
}

/** What errors say, and the setting that is to be looked at then. The first that fits counts. */
const BLAME: readonly (readonly [RegExp, string])[] = [
  [/\b(?:WRONGPASS|NOAUTH|invalid (?:username-)?password)/i, 'password'],
  [/NOPERM|too few rights/, 'username'],
  [/^tlsCaFile|self-signed|unable to (?:get|verify)/i, 'tlsCaFile'],
  [/does not match certificate/, 'tlsServername'],
  [/^tlsCertFile|tls\.cert|SSL alert/, 'tlsCertFile'],
  [/^tlsKeyFile|DECODER|key values mismatch/, 'tlsKeyFile'],
];

function blameRedis(error: unknown, { nodes, url }: RedisSettings): string {
  const text = error instanceof StorageError ? `${error.message} ${String(error.cause)}` : String(error);
  const [, setting] = BLAME.find(([said]) => said.test(text)) ?? [];
  return setting ?? (nodes !== undefined && url === undefined ? 'nodes' : 'url');
}
