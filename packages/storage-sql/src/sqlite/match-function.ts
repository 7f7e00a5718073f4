import type { DatabaseSync } from 'node:sqlite';
import { type RawBuilder, sql } from 'kysely';

/** A test of some cells of one row, in the order in which a query names them. */
export type CellTest = (cells: readonly unknown[]) => boolean;

/** Lets queries ask JavaScript whether a row matches, so that all providers mean the same by a filter. */
export interface MatchFunction {
  /** Makes the function known to a connection. */
  register(connection: DatabaseSync): void;
  /** Runs `use` with a condition that holds for the rows whose cells in `columns` pass the test. */
  during<T>(
    columns: readonly string[],
    test: CellTest,
    use: (condition: RawBuilder<boolean>) => Promise<T>,
  ): Promise<T>;
}

/** Creates the function `sorcha_matches(test, ...cells)`. A function cannot be removed from a connection, a test can. */
export function createMatchFunction(): MatchFunction {
  const tests = new Map<number, CellTest>();
  let next = 0;
  return {
    register: (connection) => {
      connection.function('sorcha_matches', { varargs: true }, (token: unknown, ...cells: unknown[]) => {
        const test = tests.get(Number(token));
        if (test === undefined) {
          throw new Error('a query asks for a test only while it runs');
        }
        return Number(test(cells));
      });
    },
    during: async (columns, test, use) => {
      const token = next;
      next += 1;
      tests.set(token, test);
      try {
        const cells = columns.map((column) => sql.id(column));
        return await use(sql<boolean>`sorcha_matches(${sql.join([sql.val(token), ...cells])})`);
      } finally {
        tests.delete(token);
      }
    },
  };
}
