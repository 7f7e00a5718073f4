import assert from 'node:assert/strict';
import type { WormStore } from '../../ports/worm-store.ts';
import { assertCode } from '../assert-code.ts';
import type { Fact } from '../create-fact.ts';
import type { OpenedStore } from '../opened-store.ts';
import { SHORT_BYTES } from './entry.ts';
import type { RecordDamage } from './worm-provider.ts';

/** How long documents may be: on append, and of what someone has put in the place of a record. */
export function describeSizes(fact: Fact<OpenedStore<WormStore<string>> & RecordDamage>): void {
  fact(
    'a document of exactly the most bytes is kept, one byte more is refused, and nothing is written',
    async (opened) => {
      const { store } = opened;
      const longest = 'x'.repeat(SHORT_BYTES - 2) + '\u00e9';
      await store.append('a', 0, longest);
      assert.equal(Buffer.from((await store.get('a', 0))?.bytes ?? []).toString(), longest);
      await assertCode('INVALID', async () => store.append('a', 1, `${longest}x`));
      await assertCode('INVALID', async () => store.appendBatch('a', 1, ['short', `${longest}x`]));
      assert.equal(await store.height('a'), 0);
    },
  );

  fact('a record that someone made longer is damage, and the others are read', async ({ store, damage }) => {
    await store.appendBatch('a', 0, ['zero', 'one', 'two']);
    await damage('a', 1, Buffer.alloc(SHORT_BYTES + 1, 'x'));
    await assertCode('CORRUPTED', async () => store.get('a', 1));
    await assertCode('CORRUPTED', async () => Array.fromAsync(store.range('a', 0, 2)));
    assert.deepEqual(
      (await Array.fromAsync(store.range('a', 2, 2))).map(({ sequence }) => sequence),
      [2],
    );
    assert.deepEqual(await store.verifyIntegrity('a'), { checked: 3, damaged: [1], missing: [] });
    await store.append('a', 3, 'three');
    assert.deepEqual([await store.count('a'), await store.height('a')], [4, 3]);
  });
}
