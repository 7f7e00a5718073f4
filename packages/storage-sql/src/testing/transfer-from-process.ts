/**
 * A program for tests: moves 1 between the accounts `a` and `b` of a file and notes the move, in one transaction each, and prints
 * the number of a move once it is acknowledged. The sum of all amounts stays 0, and there are as many notes as moves.
 *
 * Arguments: file, name of the writer, number of moves (default: until it is killed).
 */
import { writeSync } from 'node:fs';
import { openSqliteRelationalStore } from '../sqlite/relational/open-sqlite-relational-store.ts';
import { account } from './account.ts';

const [file = '', writer = '', moves = 'Infinity'] = process.argv.slice(2);
const store = await openSqliteRelationalStore({ file, entities: [account] });
const first = await store.repository(account).count({ id: { $startsWith: `${writer}-` } });
for (let move = first; move < first + Number(moves); move += 1) {
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
    await bound.transaction(async (inner) => inner.repository(account).add({ id: `${writer}-${move}`, amount: 0 }));
  });
  writeSync(1, `${move}\n`);
}
await store.close();
