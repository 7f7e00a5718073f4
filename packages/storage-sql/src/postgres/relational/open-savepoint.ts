import type { PostgresConnection } from '../connection/postgres-connection.ts';
import { toStatement } from '../connection/postgres-database.ts';

/** Opens a savepoint; the first call of what is returned keeps or takes back what was written since, later ones do nothing. */
export async function openSavepoint(connection: PostgresConnection): Promise<(isKept: boolean) => Promise<void>> {
  let isOpen = true;
  await connection.run(toStatement('savepoint sorcha'));
  return async (isKept) => {
    if (!isOpen) {
      return;
    }
    isOpen = false;
    if (isKept) {
      await connection.run(toStatement('release savepoint sorcha'));
    } else if (connection.isUsable()) {
      await connection
        .run(toStatement('rollback to savepoint sorcha; release savepoint sorcha'))
        .catch(() => undefined);
    }
  };
}
