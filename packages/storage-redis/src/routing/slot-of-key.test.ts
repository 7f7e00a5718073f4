import { describe, expect, it } from 'vitest';
import { slotOfKey } from './slot-of-key.ts';

describe('the slot of a key', () => {
  // As `CLUSTER KEYSLOT` of Redis 7.0 says.
  it.each([
    ['123456789', 12_739],
    ['foo', 12_182],
    ['', 0],
    ['{user1000}.following', 3_443],
    ['{user1000}.followers', 3_443],
    ['user1000', 3_443],
    ['foo{}{bar}', 8_363],
    ['foo{{bar}}zap', 4_015],
    ['{bar', 4_015],
    ['foo{bar}{zap}', 5_061],
    ['bar', 5_061],
    ['a}b{', 6_027],
    ['\u00e9', 10_180],
    ['{\u00e9}x', 10_180],
    ['\u{1f600}', 2_959],
    ['a{\u{1f600}}b', 2_959],
  ])('%s', (key, slot) => {
    expect(slotOfKey(key)).toBe(slot);
  });
});
