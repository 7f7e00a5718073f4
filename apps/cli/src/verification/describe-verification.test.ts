import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createRecordedTerminal } from '../testing/create-recorded-terminal.ts';
import { describeVerification } from './describe-verification.ts';
import type { VerifyResult } from './verify-result.ts';

const proven: VerifyResult = {
  schema: 'sorcha.verify/v1',
  folder: '/data',
  register: 'main',
  verdict: 'proven',
  isProven: true,
  totalDockets: 2_000,
  verifiedDockets: 2_000,
  transactions: 20_000,
  signatures: 20_000,
  ranges: [],
  losses: [],
  otherRegisters: [],
  anchor: 'matched',
  durationMs: 2_500,
  docketsPerSecond: 800,
  signaturesPerSecond: 8_000,
  engine: 'libsodium',
  rawSignaturesPerSecond: 10_000,
  ratio: 0.8,
};
const range = { from: 7, to: 9, kind: 'Forked', detail: `the docket is ${'0a'.repeat(32)}`, detectedAt: 0 } as const;

const describeLines = (change: Partial<VerifyResult>, columns?: number) =>
  describeVerification(
    { ...proven, ...change },
    createRecordedTerminal(columns === undefined ? {} : { columns }).terminal,
  );
const verdictOf = (change: Partial<VerifyResult>) => describeLines(change)[0];

describe('the verdict of a verification in words', () => {
  it('says what is proven', () => {
    expect(verdictOf({})).toBe('PROVEN: All 2,000 dockets of register "main" are what was sealed.');
    expect(verdictOf({ totalDockets: 1 })).toBe('PROVEN: The one docket of register "main" is what was sealed.');
  });

  it('does not call a register proven in which nothing was sealed, and names the others', () => {
    const empty = { verdict: 'empty', totalDockets: 0, verifiedDockets: 0, anchor: 'fresh' } as const;
    expect(verdictOf(empty)).toBe('EMPTY: Nothing was sealed in register "main" yet, so there is nothing to prove.');
    expect(verdictOf({ ...empty, otherRegisters: ['one', 'two'] })).toContain('see --register: one, two.');
    const lines = describeLines({ ...empty, verdict: 'unproven', losses: ['The store is gone.'] });
    expect(lines[0]).toMatch(/^NOT PROVEN: .* a part of the data folder was lost\.$/);
    expect(lines).toContain('  lost           The store is gone.');
  });

  it('counts what cannot be trusted', () => {
    const unproven = { verdict: 'unproven', anchor: 'damaged', ranges: [range] } as const;
    expect(verdictOf({ ...unproven, verifiedDockets: 1_997 })).toBe(
      'NOT PROVEN: 3 of 2,000 dockets of register "main" cannot be trusted; the other 1,997 are proven.',
    );
    expect(verdictOf({ ...unproven, verifiedDockets: 0 })).toBe(
      'NOT PROVEN: 2,000 of 2,000 dockets of register "main" cannot be trusted.',
    );
  });

  it('tells a forged docket above the head from damage below it', () => {
    const stray = { ...range, from: 2_000, to: 2_000 };
    expect(verdictOf({ verdict: 'unproven', anchor: 'damaged', ranges: [stray] })).toContain(
      'NOT PROVEN: What the anchored head of register "main" covers is proven, but above it lies 1 docket unknown to the anchored head. If anchors/ is from an older backup',
    );
  });

  it('does not call a register proven that lost its anchored head', () => {
    expect(verdictOf({ verdict: 'unproven', anchor: 'absent' })).toMatch(/^NOT PROVEN: .* without its anchored head/);
  });
});

describe('the details of a verification in words', () => {
  it('lists the ranges with their reason, hashes cut short', () => {
    const lines = describeLines({ verdict: 'unproven', anchor: 'damaged', verifiedDockets: 1_997, ranges: [range] });
    expect(lines.slice(2, 4)).toEqual([
      '  Heights  Dockets  Kind    What was found',
      '      7-9        3  Forked  the docket is 0a0a0a0a0a0a...',
    ]);
  });

  it('does not flood the screen with ranges', () => {
    const ranges = Array.from({ length: 30 }, (_, index) => ({ ...range, from: index * 2, to: index * 2 }));
    const lines = describeLines({ verdict: 'unproven', anchor: 'damaged', verifiedDockets: 1_970, ranges });
    expect(lines.filter((line) => line.includes('Forked'))).toHaveLength(25);
    expect(lines).toContain('  ... and 5 more ranges; --json lists all of them');
  });

  it('does not let stored text move the cursor', () => {
    const hostile = { ...range, detail: 'belongs to "\u001b[2J"' };
    expect(describeLines({ verdict: 'unproven', anchor: 'damaged', ranges: [hostile] }).join('')).not.toContain(
      '\u001b',
    );
  });

  it('compares the rate with that of the bare engine when there were enough signatures to compare', () => {
    expect(describeLines({}).at(-1)).toBe(
      '  bare engine    10,000/s on one thread with the same keys; the verification of everything ran at 80% of that',
    );
    expect(describeLines({ signatures: 999 }).at(-1)).toBe(
      '  bare engine    10,000/s on one thread with the same keys',
    );
    expect(describeLines({ rawSignaturesPerSecond: null, ratio: null }).at(-1)).toContain('signatures');
  });

  it('fits a terminal of 80 columns', () => {
    const lines = describeLines(
      { verdict: 'unproven', anchor: 'damaged', verifiedDockets: 1_997, ranges: [range] },
      80,
    );
    expect(lines.filter((line) => stripVTControlCharacters(line).length > 80)).toEqual([]);
  });
});
