import { describe, expect, it } from 'vitest';
import { createDistrust, type Mark } from './distrust.ts';

function createSmall() {
  const overflows: number[] = [];
  const distrust = createDistrust({ maxKeys: 2, maxPatterns: 2, onOverflow: () => overflows.push(1) });
  const only = (): Mark => {
    const [mark, ...others] = distrust.list();
    if (mark === undefined || others.length > 0) {
      throw new Error('There must be exactly one mark.');
    }
    return mark;
  };
  return { distrust, overflows, only };
}

describe('distrust', () => {
  it('trusts all keys but those that are marked, by themselves or by pattern', () => {
    const { distrust } = createSmall();
    distrust.addKey('a:1', false);
    distrust.addPattern('b:*');
    expect(['a:1', 'a:2', 'b:1', 'b', 'b:1:2'].map((key) => distrust.isTrusted(key))).toEqual([
      false,
      true,
      false,
      true,
      true,
    ]);
  });

  it('a mark that was made anew is not dropped with the older one', () => {
    const { distrust, only } = createSmall();
    for (const add of [() => distrust.addKey('a', false), () => distrust.addPattern('a')]) {
      add();
      const older = only();
      add();
      distrust.drop(older);
      expect(distrust.isTrusted('a')).toBe(false);
      distrust.drop(only());
      expect(distrust.isTrusted('a')).toBe(true);
    }
  });

  it('waits anew after each write that was given up, and not for changes that were never sent', () => {
    const { distrust, only } = createSmall();
    distrust.addKey('a', true);
    expect(distrust.isSettled('a', 0)).toBe(false);
    only().settledAt = 100;
    distrust.addKey('a', false);
    expect([only().mayLand, distrust.isSettled('a', 99), distrust.isSettled('a', 100)]).toEqual([true, false, true]);
    distrust.addKey('a', true);
    expect(distrust.isSettled('a', 1_000)).toBe(false);
  });

  it('with more than it can remember it trusts nothing, until all was removed twice', () => {
    const { distrust, overflows, only } = createSmall();
    for (const key of ['a', 'b', 'c']) {
      distrust.addKey(key, false);
    }
    expect(overflows).toHaveLength(1);
    expect(only()).toMatchObject({ kind: 'pattern', text: '**', mayLand: true });
    expect([distrust.isTrusted('x'), distrust.isSettled('x', 1e9)]).toEqual([false, false]);
    only().settledAt = 5;
    distrust.addPattern('**');
    expect(only()).toMatchObject({ mayLand: true, settledAt: 5 });
    distrust.drop(only());
    expect(distrust.isTrusted('x')).toBe(true);
  });

  it('patterns are bounded, too', () => {
    const { distrust, overflows, only } = createSmall();
    for (const pattern of ['a:*', 'a:*', 'b:*', 'c:*']) {
      distrust.addPattern(pattern);
    }
    expect(overflows).toHaveLength(1);
    expect(only().text).toBe('**');
  });
});
