import assert from 'node:assert/strict';
import { assertCode } from '../assert-code.ts';
import { account, createPart, idsOf, part, type RelationalFact, scanAll } from './entities.ts';

/** Reading everything, one entity after the other. */
export function describeScans(fact: RelationalFact): void {
  fact('yields every entity once, by key ascending', async ({ store }) => {
    const accounts = store.repository(account);
    const ids = Array.from({ length: 2_500 }, (_, index) => index - 1_000);
    await accounts.addMany(ids.toReversed().map((id) => ({ id, sum: id % 10 })));
    const seen: number[] = [];
    for await (const { id, version } of accounts.scan({})) {
      assert.equal(version, 1);
      seen.push(id);
    }
    assert.deepEqual(seen, ids);
  });

  fact('yields only what matches', async ({ store }) => {
    const accounts = store.repository(account);
    await accounts.addMany(Array.from({ length: 1_500 }, (_, id) => ({ id, sum: id % 500 })));
    const seen = await Array.fromAsync(accounts.scan({ sum: 499 }));
    assert.deepEqual(
      seen.map(({ id }) => id),
      [499, 999, 1_499],
    );
    assert.deepEqual(await Array.fromAsync(accounts.scan({ sum: 500 })), []);
  });

  fact('can be left early, and the store goes on working', async ({ store }) => {
    const parts = store.repository(part);
    await parts.addMany(['a', 'b', 'c'].map((id) => createPart(id)));
    for await (const { id } of parts.scan({})) {
      assert.equal(id, 'a');
      break;
    }
    await parts.add(createPart('d'));
    assert.deepEqual(idsOf(await scanAll(parts, {})), ['a', 'b', 'c', 'd']);
  });

  fact('can be used to change what it yields, and yields what stays exactly once', async ({ store }) => {
    const accounts = store.repository(account);
    const ids = Array.from({ length: 1_200 }, (_, id) => id);
    await accounts.addMany(ids.map((id) => ({ id, sum: 0 })));
    const seen: number[] = [];
    for await (const stored of accounts.scan({})) {
      seen.push(stored.id);
      if (stored.id % 100 === 0) {
        await accounts.update({ ...stored, sum: 1 });
      }
    }
    assert.deepEqual(seen, ids);
    assert.equal(await accounts.count({ sum: 1 }), 12);
  });

  fact('can be used to delete what it yields', async ({ store }) => {
    const parts = store.repository(part);
    await parts.addMany(['a', 'b'].map((id) => createPart(id)));
    const seen: string[] = [];
    for await (const { id } of parts.scan({})) {
      seen.push(id);
      await parts.delete(id);
    }
    assert.deepEqual(seen, ['a', 'b']);
    assert.equal(await parts.count(), 0);
  });

  fact('two scans at once do not disturb each other', async ({ store }) => {
    const parts = store.repository(part);
    await parts.addMany(['a', 'b', 'c'].map((id) => createPart(id)));
    const scans = await Promise.all([scanAll(parts, {}), scanAll(parts, { id: { $ne: 'b' } })]);
    assert.deepEqual(scans.map(idsOf), [
      ['a', 'b', 'c'],
      ['a', 'c'],
    ]);
  });

  fact('ends with TIMEOUT when the signal fires on the way', async ({ store }) => {
    const accounts = store.repository(account);
    await accounts.addMany(Array.from({ length: 3_000 }, (_, id) => ({ id, sum: 0 })));
    const abort = new AbortController();
    let seen = 0;
    await assertCode('TIMEOUT', async () => {
      for await (const _ of accounts.scan({}, { signal: abort.signal })) {
        seen += 1;
        abort.abort();
      }
    });
    assert.ok(seen < 3_000, `The scan went on to its end: ${seen} entities.`);
  });
}
