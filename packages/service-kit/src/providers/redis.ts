import { StorageError } from '@sorcha/storage';
import { dropUnset } from '../config/drop-unset.ts';
import { toConnectionText } from '../config/server-url.ts';
import { listSetting, secretSetting, serverUrlSetting, textSetting, wholeNumberSetting } from '../config/settings.ts';
import { defineCacheProvider } from './define-cache-provider.ts';

const address = serverUrlSetting(['redis:', 'rediss:'], 'redis://host:6379, or rediss:// for TLS');

/** Redis, one server or a cluster. */
export const redisProviders = [
  defineCacheProvider({
    name: 'redis',
    settings: {
      url: address.optional(),
      nodes: listSetting(address, 'a list of addresses of some nodes of a cluster, instead of "url"').optional(),
      username: textSetting().optional(),
      password: secretSetting().optional(),
      prefix: textSetting('what the keys of this service begin with, 1 to 64 characters', /^\P{Cc}{1,64}$/u).default(
        'sorcha',
      ),
      sweepDeadlineMs: wholeNumberSetting(10, 600_000, 'in milliseconds').default(30_000),
      compressAboveBytes: wholeNumberSetting(0, 536_870_911, 'in bytes').default(4_096),
      maxValueBytes: wholeNumberSetting(1, 536_870_911, 'in bytes').default(16_777_216),
    },
    blame: blameRedis,
    openCoordinated: async ({ url, nodes, password, ...settings }, { ttlMs, deadlineMs }) => {
      const { openRedisCacheStore } = await import('@sorcha/storage-redis');
      return openRedisCacheStore({
        ...dropUnset(settings),
        ...(url === undefined ? {} : { url: toConnectionText(url) }),
        ...(nodes === undefined ? {} : { nodes: nodes.map((node) => toConnectionText(node)) }),
        ...(password === undefined ? {} : { password: password.reveal() }),
        ttlMs,
        deadlineMs,
      });
    },
  }),
];

/** What Redis says of who signs in begins with these words. */
const SIGN_IN = /\b(?:WRONGPASS|NOAUTH|invalid (?:username-)?password)/i;

function blameRedis(error: unknown, { nodes, url }: { readonly nodes?: unknown; readonly url?: unknown }): string {
  const text = error instanceof StorageError ? `${error.message} ${String(error.cause)}` : String(error);
  if (SIGN_IN.test(text)) {
    return 'password';
  }
  if (/NOPERM|too few rights/.test(text)) {
    return 'username';
  }
  return nodes !== undefined && url === undefined ? 'nodes' : 'url';
}
