import { describe, expect, it } from 'vitest';
import { parseSlotRanges } from './slot-ranges.ts';

describe('the map of a cluster', () => {
  it('names the masters, with the asked host where a server does not know its own', () => {
    const reply = [
      [0, 5_460, [Buffer.from('10.0.0.1'), 7_000, 'id', []], ['10.0.0.9', 7_009, 'replica']],
      [5_461, 16_383, ['', 7_001, 'id']],
    ];
    expect(parseSlotRanges(reply, 'asked')).toEqual([
      { from: 0, to: 5_460, host: '10.0.0.1', port: 7_000 },
      { from: 5_461, to: 16_383, host: 'asked', port: 7_001 },
    ]);
    expect(parseSlotRanges([], 'asked')).toEqual([]);
  });

  it.each([null, 'OK', {}, [1], [[0, 16_384, ['h', 1]]], [[-1, 2, ['h', 1]]], [[0, 1]], [[0, 1, ['h', '1']]]])(
    '%o is none',
    (reply) => {
      expect(parseSlotRanges(reply, 'asked')).toBeUndefined();
    },
  );
});
