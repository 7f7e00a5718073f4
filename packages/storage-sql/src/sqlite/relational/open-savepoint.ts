import type { DatabaseSync } from 'node:sqlite';
import type { FinishSavepoint } from '../../transactions/transaction-scope.ts';

/** Opens a savepoint. */
export function openSavepoint(connection: DatabaseSync): FinishSavepoint {
  let isOpen = true;
  connection.exec('savepoint sorcha');
  return async (isKept) => {
    // SQLite has taken back everything by itself after some errors.
    if (isOpen && connection.isTransaction) {
      connection.exec(isKept ? 'release sorcha' : 'rollback to sorcha; release sorcha');
    }
    isOpen = false;
  };
}
