/**
 * A program for tests: moves 1 between the accounts `a` and `b` of a store and notes the move, in one transaction each, and prints
 * the number of a move once it is acknowledged.
 *
 * Arguments: file or url, name of the writer, number of moves (default: until it is killed).
 */
import { writeSync } from 'node:fs';
import { StorageError } from '@sorcha/storage';
import { account } from './account.ts';
import { moveOnce } from './move-once.ts';
import { openAccountStore } from './open-account-store.ts';

const [target = '', writer = '', moves = 'Infinity'] = process.argv.slice(2);
const store = await openAccountStore(target);
const first = await store.repository(account).count({ id: { $startsWith: `${writer}-` } });
for (let move = first; move < first + Number(moves); ) {
  try {
    await moveOnce(store, `${writer}-${move}`);
    writeSync(1, `${move}\n`);
    move += 1;
  } catch (error) {
    // Another writer was in the way once too often.
    if (!(error instanceof StorageError && error.code === 'VERSION_CONFLICT')) {
      throw error;
    }
  }
}
await store.close();
