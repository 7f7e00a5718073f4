import { afterEach, describe, expect, it, vi } from 'vitest';
import { createRecordedTerminal } from '../testing/create-recorded-terminal.ts';

afterEach(() => vi.unstubAllEnvs());

describe('a terminal', () => {
  it('wraps at its width, and at 40 columns when it is narrower', () => {
    expect(createRecordedTerminal({ columns: 100 }).terminal.data.columns).toBe(100);
    expect(createRecordedTerminal({ columns: 10 }).terminal.data.columns).toBe(40);
  });

  it('is animated unless it is dumb', () => {
    expect(createRecordedTerminal({ columns: 80 }).terminal.isAnimated).toBe(true);
    expect(createRecordedTerminal({ columns: 80, env: { TERM: 'dumb' } }).terminal.isAnimated).toBe(false);
  });

  it.each([
    [{ LANG: 'de_DE.UTF-8' }, true],
    [{ LC_ALL: 'C', LANG: 'de_DE.UTF-8' }, false],
    [{ LC_CTYPE: 'en_US.utf8' }, true],
    [{ LANG: 'C' }, false],
  ])('knows from %j whether it can draw more than ASCII', (env, hasUnicode) => {
    expect(createRecordedTerminal({ columns: 80, env }).terminal.hasUnicode).toBe(hasUnicode);
  });
});

describe('a file', () => {
  it('gets no colours, no animation and no line breaks of ours', () => {
    const { terminal } = createRecordedTerminal();
    expect(terminal.data.style('red', 'text')).toBe('text');
    expect(terminal.notes.style(['green', 'bold'], 'text')).toBe('text');
    expect(terminal.isAnimated).toBe(false);
    expect(terminal.data.columns).toBe(Number.POSITIVE_INFINITY);
  });

  it('keeps results and notes apart', () => {
    const { terminal, data, notes } = createRecordedTerminal();
    terminal.data.line('result');
    terminal.notes.line('note');
    expect([data(), notes()]).toEqual(['result\n', 'note\n']);
  });
});

describe('colours', () => {
  const paint = () => createRecordedTerminal({ columns: 80 }).terminal.data.style('red', 'text');

  it('are there on a terminal that has them', () => {
    vi.stubEnv('NO_COLOR', undefined);
    vi.stubEnv('FORCE_COLOR', undefined);
    vi.stubEnv('TERM', 'xterm-256color');
    vi.stubEnv('CI', undefined);
    expect(paint()).toBe('\u001b[31mtext\u001b[39m');
  });

  it('are absent with NO_COLOR', () => {
    vi.stubEnv('FORCE_COLOR', undefined);
    vi.stubEnv('TERM', 'xterm-256color');
    vi.stubEnv('CI', undefined);
    vi.stubEnv('NO_COLOR', '1');
    expect(paint()).toBe('text');
  });
});
