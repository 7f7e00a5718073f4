import { describe, expect, it } from 'vitest';
import { type CorruptionKind, type HeightVerdict, toCorruptionRanges } from './corruption.ts';

const bad = (height: number, kind: CorruptionKind): HeightVerdict => ({
  height,
  damage: { kind, detail: `at ${height}` },
});

describe('toCorruptionRanges (FR-043)', () => {
  it('joins adjacent heights of one kind, and neither gaps nor kinds', () => {
    const verdicts = [
      { height: 0 },
      bad(1, 'MissingData'),
      bad(2, 'MissingData'),
      bad(3, 'Forked'),
      { height: 4 },
      bad(5, 'Forked'),
      bad(7, 'Forked'),
      bad(8, 'Forked'),
      bad(9, 'Forked'),
    ];
    expect(toCorruptionRanges(verdicts, 42)).toEqual([
      { from: 1, to: 2, kind: 'MissingData', detail: 'at 1', detectedAt: 42 },
      { from: 3, to: 3, kind: 'Forked', detail: 'at 3', detectedAt: 42 },
      { from: 5, to: 5, kind: 'Forked', detail: 'at 5', detectedAt: 42 },
      { from: 7, to: 9, kind: 'Forked', detail: 'at 7', detectedAt: 42 },
    ]);
  });

  it('is empty for an intact register', () => {
    expect(toCorruptionRanges([{ height: 0 }, { height: 1 }], 42)).toEqual([]);
  });
});
