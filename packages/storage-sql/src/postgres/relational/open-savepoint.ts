import type { FinishSavepoint } from '../../transactions/transaction-scope.ts';
import type { PostgresConnection } from '../connection/postgres-connection.ts';
import { ROLLBACK_TIMEOUT_MS, toStatement } from '../connection/postgres-database.ts';

/** Opens a savepoint in a transaction; a signal that fires ends the connection, and the transaction with it. */
export async function openSavepoint(connection: PostgresConnection, signal: AbortSignal): Promise<FinishSavepoint> {
  let isOpen = true;
  await connection.run(toStatement('savepoint sorcha'), { signal });
  return async (isKept) => {
    if (!isOpen) {
      return;
    }
    isOpen = false;
    if (isKept) {
      await connection.run(toStatement('release savepoint sorcha'), { signal });
    } else if (connection.isUsable()) {
      await connection
        .run(toStatement('rollback to savepoint sorcha; release savepoint sorcha'), {
          answerTimeoutMs: ROLLBACK_TIMEOUT_MS,
        })
        .catch(() => undefined);
    }
  };
}
