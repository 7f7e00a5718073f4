import { StorageError } from '@sorcha/storage';
import type { KeyPattern } from '@sorcha/storage/provider';

const MAX_PREFIX_LENGTH = 64;
/** How many wildcards reach the server; each can multiply the steps that it takes to compare one key. */
const MAX_WILDCARDS = 2;
/** Probes of ours and keys of other programs can have controls; keys of a cache have none. */
const CACHE_KEY = /^\P{Cc}{1,512}$/u;

/** The keys of one cache among all keys of a server. */
export interface KeySpace {
  /** What all keys of the cache, and no others, start with in Redis. */
  readonly start: string;
  /** The key in Redis. */
  toStored(key: string): string;
  /** The key of the cache that a key in Redis stands for; `undefined` when it is no key of this cache. */
  toKey(stored: string): string | undefined;
  /**
   * A glob for `SCAN` that finds every key that matches the pattern, and maybe others: few wildcards, everything else escaped.
   */
  toGlob(pattern: KeyPattern): string;
}

/**
 * Creates the key space of a prefix. Characters of the prefix other than `A-Z a-z 0-9 . _ -` are written as percent signs
 * and hexadecimal digits, so `:` ends the prefix and no two prefixes share a key. `INVALID` when it is not 1 to 64 characters
 * without controls.
 */
export function createKeySpace(prefix: string): KeySpace {
  const start = `${escapePrefix(prefix)}:`;
  return {
    start,
    toStored: (key) => start + key,
    toKey: (stored) => {
      const key = stored.startsWith(start) ? stored.slice(start.length) : '';
      return CACHE_KEY.test(key) ? key : undefined;
    },
    toGlob: ({ segments, isOpen }) => {
      let glob = escapeGlob(start);
      let wildcards = 0;
      for (const [index, { text, isPrefix }] of segments.entries()) {
        glob += (index === 0 ? '' : ':') + escapeGlob(text);
        wildcards += Number(isPrefix);
        if (wildcards > MAX_WILDCARDS) {
          return `${glob}*`;
        }
        glob += isPrefix ? '*' : '';
      }
      return isOpen ? `${glob}${segments.length === 0 ? '' : ':'}*` : glob;
    },
  };
}

function escapePrefix(prefix: string): string {
  if (
    typeof prefix !== 'string' ||
    prefix.length > MAX_PREFIX_LENGTH ||
    !/^\P{Cc}+$/u.test(prefix) ||
    !prefix.isWellFormed()
  ) {
    const rule = `use 1 to ${MAX_PREFIX_LENGTH} characters without controls`;
    throw new StorageError('INVALID', `prefix is ${JSON.stringify(prefix)}: ${rule}.`);
  }
  const toHex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(prefix).replaceAll(/[!~*'()]/g, toHex);
}

function escapeGlob(text: string): string {
  return text.replaceAll(/[*?[\]\\^]/g, String.raw`\$&`);
}
