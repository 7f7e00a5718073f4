import { describe, expect, it } from 'vitest';
import {
  formatAmount,
  formatBytes,
  formatCount,
  formatDuration,
  formatHeights,
  formatRate,
  formatTime,
  formatTimeLeft,
} from './format-number.ts';

describe('numbers for a person', () => {
  it('separates thousands', () => {
    expect([0, 999, 1_000, 1_234_567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567']);
  });

  it('gives an amount the right word', () => {
    expect([formatAmount(0, 'docket'), formatAmount(1, 'docket'), formatAmount(2_000, 'docket')]).toEqual([
      '0 dockets',
      '1 docket',
      '2,000 dockets',
    ]);
    expect(formatAmount(2, 'entry', 'entries')).toBe('2 entries');
  });

  it('shows a decimal only of small rates', () => {
    expect([formatRate(3.44), formatRate(12_345.6), formatRate(725, 'dockets')]).toEqual([
      '3.4/s',
      '12,346/s',
      '725 dockets/s',
    ]);
  });

  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1.0 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 0 s'],
    [125_000, '2 min 5 s'],
    [3_599_400, '59 min 59 s'],
    [3_600_000, '1 h 0 min'],
    [7_500_000, '2 h 5 min'],
  ])('shows %d ms in the unit that a person would use', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('rounds time that is left up to whole seconds', () => {
    expect([1, 1_000, 58_100, 59_001, 61_000].map(formatTimeLeft)).toEqual([
      '1 s',
      '1 s',
      '59 s',
      '1 min 0 s',
      '1 min 1 s',
    ]);
  });

  it('shows one height alone and several as a range', () => {
    expect([formatHeights(7, 7), formatHeights(7, 9)]).toEqual(['7', '7-9']);
  });

  it('shows bytes in the unit that a person would use', () => {
    expect([formatBytes(1_023), formatBytes(1_536), formatBytes(12 * 1_048_576)]).toEqual([
      '1023 B',
      '1.5 KiB',
      '12.0 MiB',
    ]);
  });

  it('shows a time that no date can hold as a number', () => {
    expect(formatTime(Date.UTC(2026, 0, 31))).toBe('2026-01-31T00:00:00.000Z');
    expect(formatTime(Number.MAX_SAFE_INTEGER)).toBe('9007199254740991 ms since 1970');
  });
});
