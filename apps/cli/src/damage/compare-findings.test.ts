import type { CorruptionKind, CorruptionRange } from '@sorcha/register';
import { describe, expect, it } from 'vitest';
import { isExactlyFound } from './compare-findings.ts';

const range = (from: number, to: number, kind: CorruptionKind): CorruptionRange => ({
  from,
  to,
  kind,
  detail: '',
  detectedAt: 0,
});

describe('isExactlyFound', () => {
  const expected = [
    { from: 3, to: 3, kinds: ['MalformedData', 'InvalidDocketHash'] },
    { from: 7, to: 9, kinds: ['RolledBack'] },
  ] as const;

  it('accepts every possible kind, and runs that are cut otherwise', () => {
    expect(isExactlyFound([range(3, 3, 'InvalidDocketHash'), range(7, 9, 'RolledBack')], expected)).toBe(true);
    expect(
      isExactlyFound([range(3, 3, 'MalformedData'), range(7, 7, 'RolledBack'), range(8, 9, 'RolledBack')], expected),
    ).toBe(true);
    expect(isExactlyFound([], [])).toBe(true);
  });

  it.each([
    ['a height too few', [range(3, 3, 'MalformedData'), range(7, 8, 'RolledBack')]],
    ['a height too many', [range(3, 4, 'MalformedData'), range(7, 9, 'RolledBack')]],
    ['a wrong kind', [range(3, 3, 'Forked'), range(7, 9, 'RolledBack')]],
    ['nothing', []],
  ])('refuses %s', (_name, found) => {
    expect(isExactlyFound(found, expected)).toBe(false);
  });
});
