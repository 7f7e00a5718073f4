import { describe, expect, it } from 'vitest';
import { escapeUnprintable, toPrintable } from './to-printable.ts';

const hostile = 'a\u001b[2J\u0007\r\nb\u009b\u202e\u2066\u2028\u{e0001}c';

describe('text from stored bytes', () => {
  it('shows control and direction characters instead of obeying them', () => {
    expect(toPrintable(hostile)).toBe(String.raw`a\u{1b}[2J\u{7}\u{d}\u{a}b\u{9b}\u{202e}\u{2066}\u{2028}\u{e0001}c`);
  });

  it('leaves letters of every script and emoji alone', () => {
    expect(toPrintable('Grüße 東京 😀')).toBe('Grüße 東京 😀');
  });

  it('escapes them in JSON so that the value stays the same', () => {
    const json = escapeUnprintable(JSON.stringify({ hostile }));
    expect(json).toMatch(/^[\u0020-\u007e]+$/);
    expect(JSON.parse(json)).toEqual({ hostile });
  });
});
