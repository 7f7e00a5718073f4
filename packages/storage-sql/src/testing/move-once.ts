import type { RelationalStore } from '@sorcha/storage';
import { account } from './account.ts';

/**
 * Moves 1 from the account `b` to `a` and notes the move under a name, in one transaction with a savepoint. The sum of all
 * amounts stays 0, and there are as many notes as moves.
 */
export async function moveOnce(store: RelationalStore, name: string): Promise<void> {
  await store.transaction(async (bound) => {
    const accounts = bound.repository(account);
    for (const [id, change] of [
      ['a', 1],
      ['b', -1],
    ] as const) {
      const found = await accounts.get(id);
      await (found === undefined
        ? accounts.add({ id, amount: change })
        : accounts.update({ ...found, amount: found.amount + change }));
    }
    await bound.transaction(async (inner) => inner.repository(account).add({ id: name, amount: 0 }));
  });
}

/** The balance of both accounts, and the names of the moves that are noted with a prefix. */
export async function readMoves(store: RelationalStore, prefix: string) {
  const accounts = store.repository(account);
  const [a, b] = [await accounts.get('a'), await accounts.get('b')];
  const notes = await accounts.find({ id: { $startsWith: prefix } });
  return { a: a?.amount ?? 0, b: b?.amount ?? 0, notes: notes.map(({ id }) => id) };
}
