import assert from 'node:assert/strict';
import { assertCode } from '../assert-code.ts';
import { createPart, listIds, part, type RelationalFact } from './entities.ts';

const changeOfMind = new Error('changed my mind');

/** A transaction inside a transaction can fail alone. */
export function describeSavepoints(fact: RelationalFact): void {
  fact('what succeeds inside stays when the outer one succeeds', async ({ store }) => {
    const result = await store.transaction(async (outer) => {
      await outer.repository(part).add(createPart('a'));
      return outer.transaction(async (inner) => {
        await inner.repository(part).add(createPart('b'));
        return (await listIds(inner)).length;
      });
    });
    assert.equal(result, 2);
    assert.deepEqual(await listIds(store), ['a', 'b']);
  });

  fact('what fails inside is taken back alone', async ({ store }) => {
    const first = await store.repository(part).add(createPart('first', { code: 'x' }));
    await store.transaction(async (outer) => {
      await outer.repository(part).add(createPart('before'));
      const failing = outer.transaction(async (inner) => {
        await inner.repository(part).update({ ...first, code: 'y' });
        await inner.repository(part).add(createPart('inside', { code: 'x' }));
        throw changeOfMind;
      });
      await assert.rejects(failing, changeOfMind);
      assert.deepEqual(await outer.repository(part).get('first'), first);
      await outer.repository(part).add(createPart('after', { code: 'y' }));
    });
    assert.deepEqual(await listIds(store), ['after', 'before', 'first']);
    assert.deepEqual(await store.repository(part).get('first'), first);
  });

  fact('what succeeded inside goes when the outer one fails', async ({ store }) => {
    const failing = store.transaction(async (outer) => {
      await outer.transaction(async (inner) => inner.repository(part).add(createPart('a')));
      throw changeOfMind;
    });
    await assert.rejects(failing, changeOfMind);
    assert.deepEqual(await listIds(store), []);
  });

  fact('three levels deep, each level decides for itself and those inside it', async ({ store }) => {
    await store.transaction(async (one) => {
      await one.repository(part).add(createPart('one'));
      const failing = one.transaction(async (two) => {
        await two.repository(part).add(createPart('two'));
        await two.transaction(async (three) => three.repository(part).add(createPart('three')));
        throw changeOfMind;
      });
      await assert.rejects(failing, changeOfMind);
      await one.transaction(async (two) => {
        await two.transaction(async (three) => three.repository(part).add(createPart('again')));
      });
    });
    assert.deepEqual(await listIds(store), ['again', 'one']);
  });

  fact('siblings that start together fail alone', async ({ store }) => {
    await store.transaction(async (outer) => {
      const outcomes = await Promise.allSettled(
        ['a', 'b', 'c', 'd'].map(async (id) =>
          outer.transaction(async (inner) => {
            await inner.repository(part).add(createPart(id));
            if (id === 'b') {
              throw changeOfMind;
            }
          }),
        ),
      );
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
      );
    });
    assert.deepEqual(await listIds(store), ['a', 'c', 'd']);
  });

  fact('an inner store fails with CLOSED once its savepoint has ended, the outer one goes on', async ({ store }) => {
    await store.transaction(async (outer) => {
      const parts = await outer.transaction(async (inner) => inner.repository(part));
      await assertCode('CLOSED', async () => parts.add(createPart('late')));
      await outer.repository(part).add(createPart('a'));
    });
    assert.deepEqual(await listIds(store), ['a']);
  });
}
