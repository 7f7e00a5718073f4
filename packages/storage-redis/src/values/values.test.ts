import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeValue } from './decode-value.ts';
import { encodeValue } from './encode-value.ts';

const seed = Number(process.env['SORCHA_TEST_SEED'] ?? Date.now() % 2 ** 31);
const MAX_BYTES = 1_000_000;
const toBytes = (encoded: string | Buffer) => (typeof encoded === 'string' ? Buffer.from(encoded) : encoded);

describe('a stored value', () => {
  it.each([0, 50, MAX_BYTES])('comes back as it was, whatever it is; compressed above %i', (compressAboveBytes) => {
    const text = fc.string({ unit: 'grapheme' }).filter((each) => each.isWellFormed() && !each.includes('\0'));
    const value = fc.jsonValue({ stringUnit: 'grapheme' }).filter((each) => !JSON.stringify(each).includes('\\u'));
    fc.assert(
      fc.property(fc.oneof(value, text), (each) => {
        const bounds = { compressAboveBytes, maxValueBytes: MAX_BYTES };
        const decoded = decodeValue(toBytes(encodeValue(each ?? null, 'k', bounds)), MAX_BYTES);
        const plain: unknown = JSON.parse(JSON.stringify(each));
        expect(decoded).toEqual(hasProto(plain) ? decoded : { kind: 'entry', value: plain });
      }),
      { seed, numRuns: 500 },
    );
  });

  it('of a number is never compressed: the server counts with it', () => {
    const bounds = { compressAboveBytes: 0, maxValueBytes: MAX_BYTES };
    expect(encodeValue(1_111_111_111_111_111, 'k', bounds)).toBe('\u00011111111111111111');
    expect(encodeValue('1'.repeat(100), 'k', bounds)).toBeInstanceOf(Buffer);
  });

  it('is read from any bytes at all without an error', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc
        .tuple(fc.integer({ min: 0, max: 5 }), fc.uint8Array({ maxLength: 64 }))
        .map(([head, rest]) => Buffer.concat([Buffer.of(head), rest])),
      fc
        .tuple(fc.integer({ min: 1, max: 4 }), fc.json())
        .map(([head, json]) => Buffer.from(String.fromCharCode(head) + json)),
    );
    fc.assert(
      fc.property(bytes, (each) => {
        expect(['entry', 'absent', 'unreadable']).toContain(decodeValue(Buffer.from(each), MAX_BYTES).kind);
      }),
      { seed, numRuns: 2_000 },
    );
  });

  it('keeps control characters and texts that look like escapes', () => {
    for (const value of [
      '\u0001\u001f\u007f',
      String.raw`\u0000`,
      String.raw`\ud800`,
      { [String.raw`\u`]: '\ufffd' },
    ]) {
      const encoded = encodeValue(value, 'k', { compressAboveBytes: MAX_BYTES, maxValueBytes: MAX_BYTES });
      expect(decodeValue(toBytes(encoded), MAX_BYTES)).toEqual({ kind: 'entry', value });
    }
  });

  it('does not ask lists and objects how they want to be written', () => {
    const list = Object.assign([1], { toJSON: () => 'other' });
    const bounds = { compressAboveBytes: MAX_BYTES, maxValueBytes: MAX_BYTES };
    expect(encodeValue(list, 'k', bounds)).toBe('\u0001[1]');
    expect(() => encodeValue({ toJSON: () => 'other' }, 'k', bounds)).toThrow(/function/);
  });
});

function hasProto(value: unknown): boolean {
  return JSON.stringify(value).includes('__proto__');
}
