import type { CorruptionKind, CorruptionRange } from '@sorcha/register';
import type { ExpectedDamage } from '@sorcha/register/testing';

/** Says whether a verification found exactly what a damage must cause: every height with a right kind, and no other height. */
export function isExactlyFound(found: readonly CorruptionRange[], expected: readonly ExpectedDamage[]): boolean {
  const kinds = new Map<number, readonly CorruptionKind[]>();
  for (const { from, to, kinds: possible } of expected) {
    for (let height = from; height <= to; height++) {
      kinds.set(height, possible);
    }
  }
  let right = 0;
  for (const { from, to, kind } of found) {
    for (let height = from; height <= to; height++) {
      if (kinds.get(height)?.includes(kind) !== true) {
        return false;
      }
      right += 1;
    }
  }
  return right === kinds.size;
}
