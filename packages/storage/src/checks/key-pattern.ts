import { StorageError } from '../storage-error.ts';
import { checkName } from './check-text.ts';

const MAX_PATTERN_LENGTH = 256;

/** One segment of a pattern: any text with this start, or exactly this text. */
export interface PatternSegment {
  readonly text: string;
  readonly isPrefix: boolean;
}

/** A pattern of cache keys, divided into its segments. */
export interface KeyPattern {
  readonly segments: readonly PatternSegment[];
  /** Whether one or more further segments may follow. */
  readonly isOpen: boolean;
}

/** Divides a pattern; see `CacheStore.removeByPattern` for the form. `INVALID` for any other. */
export function parseKeyPattern(pattern: string): KeyPattern {
  checkName(pattern, 'A key pattern', MAX_PATTERN_LENGTH);
  const parts = pattern.split(':');
  const isOpen = parts.at(-1) === '**';
  const segments = (isOpen ? parts.slice(0, -1) : parts).map((part) => {
    const isPrefix = part.endsWith('*');
    const text = isPrefix ? part.slice(0, -1) : part;
    if (/[*?[\]\\]/.test(text)) {
      throw new StorageError(
        'INVALID',
        `The key pattern ${JSON.stringify(pattern)} is refused: use literal segments, "*" or "text*" for one segment, and "**" last.`,
      );
    }
    return { text, isPrefix };
  });
  return { segments, isOpen };
}

/** Says whether a key matches a pattern. */
export function matchesKeyPattern({ segments, isOpen }: KeyPattern, key: string): boolean {
  const parts = key.split(':');
  const fits = isOpen ? parts.length > segments.length : parts.length === segments.length;
  return (
    fits &&
    segments.every(({ text, isPrefix }, index) => {
      const part = parts[index] ?? '';
      return isPrefix ? part.startsWith(text) : part === text;
    })
  );
}
