import assert from 'node:assert/strict';
import type { WormStore } from '../../ports/worm-store.ts';
import { openWormRecord } from '../../schema/define-worm.ts';
import { wormSeal } from '../../schema/worm-record.ts';
import { assertCode, assertThrowsCode } from '../assert-code.ts';
import type { Fact } from '../create-fact.ts';
import type { OpenedStore } from '../opened-store.ts';
import { rawText, toPlain } from './entry.ts';

const texts: readonly (readonly [name: string, text: string])[] = [
  ['nothing', ''],
  ['a line', 'a line'],
  ['line ends of every kind', 'a\r\nb\rc\nd\u2028e\n'],
  ['spaces around it', '  a\t '],
  ['U+0000 inside', 'a\u0000b'],
  ['U+0000 alone', '\u0000'],
  ['a byte order mark', '\ufeffa'],
  ['astral characters', '\u{1f600}\u{10ffff}'],
  ['letters with combining marks, not normalized', 'e\u0301\u00e9'],
  ['something like a number', '1e3'],
  ['something like a hex literal', "x'00'"],
  ['JSON with its own order and spaces', '{"b": 1,  "a": 2, "b": 3}'],
  ['200,000 characters', 'a\u00e9'.repeat(100_000)],
];

/** The stored bytes are the UTF-8 of the text, and the seal covers every field. */
export function describeExactBytes(fact: Fact<OpenedStore<WormStore<string>>>): void {
  for (const [name, text] of texts) {
    fact(`the bytes of a text are kept as they are: ${name}`, async ({ store }) => {
      const written = await store.append('a', 0, text);
      const [ranged] = await Array.fromAsync(store.range('a', 0, 0));
      const read = await store.get('a', 0);
      assert.ok(read !== undefined);
      assert.equal(Buffer.from(read.bytes).equals(Buffer.from(text)), true);
      assert.deepEqual(toPlain(ranged), toPlain(read));
      assert.deepEqual(toPlain(written), toPlain(read));
      assert.equal(openWormRecord(rawText, read), text);
      assert.deepEqual(await store.verifyIntegrity('a'), { checked: 1, damaged: [], missing: [] });
    });
  }

  fact('a lone surrogate, which is no UTF-8, is refused', async ({ store }) => {
    await assertCode('INVALID', async () => store.append('a', 0, 'a\ud800'));
    assert.equal(await store.height('a'), undefined);
  });

  fact('the seal covers stream, sequence, time and bytes', async ({ store }) => {
    const written = await store.append('a', 0, 'same');
    const other = await store.append('b', 0, 'same');
    const next = await store.append('a', 1, 'same');
    assert.equal(written.sha256, wormSeal(written));
    assert.equal(new Set([written.sha256, other.sha256, next.sha256]).size, 3);
    const { sha256 } = written;
    assertThrowsCode('CORRUPTED', () => openWormRecord(rawText, { ...other, sha256 }));
    assertThrowsCode('CORRUPTED', () => openWormRecord(rawText, { ...written, sealedAt: written.sealedAt + 1 }));
  });
}
