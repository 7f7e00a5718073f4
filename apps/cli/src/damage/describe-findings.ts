import type { CorruptionRange } from '@sorcha/register';
import type { ExpectedDamage } from '@sorcha/register/testing';
import { formatHeights } from '../output/format-number.ts';

const MAX_NAMED = 4;

/** Corruption ranges in one line: `3 Forked, 5-9 RolledBack`. */
export function describeFound(ranges: readonly CorruptionRange[]): string {
  return join(ranges.map(({ from, to, kind }) => `${formatHeights(from, to)} ${kind}`));
}

/** What a damage must cause, in one line: `3 MalformedData or InvalidDocketHash`. */
export function describeExpected(expected: readonly ExpectedDamage[]): string {
  return join(expected.map(({ from, to, kinds }) => `${formatHeights(from, to)} ${kinds.join(' or ')}`));
}

function join(parts: readonly string[]): string {
  const shown = parts.slice(0, MAX_NAMED).join(', ');
  return parts.length === 0
    ? 'nothing'
    : parts.length > MAX_NAMED
      ? `${shown} and ${parts.length - MAX_NAMED} more`
      : shown;
}
