import { stripVTControlCharacters } from 'node:util';
import { createManualClock } from '@sorcha/storage/testing';
import { describe, expect, it } from 'vitest';
import { createRecordedTerminal } from '../testing/create-recorded-terminal.ts';
import { startProgressLine } from './progress-line.ts';

const ESCAPE = '\u001b';

function start(options: Parameters<typeof createRecordedTerminal>[0] & { readonly isJson?: boolean }) {
  const recorded = createRecordedTerminal(options);
  const clock = createManualClock();
  const line = startProgressLine({
    terminal: recorded.terminal,
    clock,
    isJson: options.isJson ?? false,
    label: 'Verifying',
    unit: 'dockets',
    total: 1_000,
  });
  return { ...recorded, clock, line };
}

describe('the progress line on a terminal', () => {
  it('shows share, counts, rate and the time that is left', () => {
    const { line, clock, notes } = start({ columns: 120, env: { LANG: 'C.UTF-8' } });
    line.update(0);
    clock.advance(2_000);
    line.update(250);
    const drawn = stripVTControlCharacters(notes().split('\r').at(-1) ?? '');
    expect(drawn).toBe('Verifying ██████░░░░░░░░░░░░░░░░░░  25%  250 of 1,000 dockets  125/s  6 s left');
  });

  it('draws with ASCII where the locale has no more', () => {
    const { line, clock, notes } = start({ columns: 120, env: { LANG: 'C' } });
    clock.advance(100);
    line.update(500);
    expect(stripVTControlCharacters(notes())).toContain('[############............]');
  });

  it('never fills the last column, however narrow the terminal is', () => {
    const { line, clock, notes } = start({ columns: 40, env: { LANG: 'C.UTF-8' } });
    for (let done = 0; done <= 1_000; done += 50) {
      clock.advance(150);
      line.update(done);
    }
    const widths = notes()
      .split('\r')
      .map((drawn) => stripVTControlCharacters(drawn).length);
    expect(Math.max(...widths)).toBeLessThan(40);
    expect(Math.max(...widths)).toBeGreaterThan(20);
  });

  it('redraws at most ten times a second', () => {
    const { line, clock, notes } = start({ columns: 80 });
    for (let done = 1; done <= 1_000; done++) {
      clock.advance(1);
      line.update(done);
    }
    expect(notes().split('\r').length - 1).toBeLessThanOrEqual(11);
  });

  it('takes itself away at the end, once', () => {
    const { line, clock, notes } = start({ columns: 80 });
    clock.advance(200);
    line.update(1);
    line.end();
    const ended = notes();
    line.end();
    expect(ended.endsWith(`\r${ESCAPE}[K`)).toBe(true);
    expect(notes()).toBe(ended);
  });

  it('writes nothing at the end when nothing was drawn', () => {
    const { line, notes } = start({ columns: 80 });
    line.end();
    expect(notes()).toBe('');
  });

  it('is not animated on a dumb terminal', () => {
    const { line, clock, notes } = start({ columns: 80, env: { TERM: 'dumb' } });
    clock.advance(9_999);
    line.update(999);
    expect(notes()).toBe('');
  });
});

describe('the progress line off a terminal', () => {
  it('leaves no trace of short work', () => {
    const { line, clock, notes } = start({});
    clock.advance(9_999);
    line.update(999);
    line.end();
    expect(notes()).toBe('');
  });

  it('writes a plain line about every ten seconds', () => {
    const { line, clock, notes } = start({});
    for (let second = 1; second <= 25; second++) {
      clock.advance(1_000);
      line.update(second * 20);
    }
    expect(notes()).toBe(
      'Verifying: 20%, 200 of 1,000 dockets, 20/s, 40 s left\nVerifying: 40%, 400 of 1,000 dockets, 20/s, 30 s left\n',
    );
  });

  it('writes nothing beside JSON', () => {
    const { line, clock, notes } = start({ isJson: true });
    clock.advance(60_000);
    line.update(500);
    expect(notes()).toBe('');
  });
});
