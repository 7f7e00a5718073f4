import type { DatabaseSync } from 'node:sqlite';
import { type RawBuilder, sql } from 'kysely';

/** A test of the text of one row. */
type TextTest = (text: string) => boolean;

/** Lets queries ask JavaScript whether a row matches, so that all providers mean the same by a filter. */
export interface MatchFunction {
  /** Makes the function known to a connection. */
  register(connection: DatabaseSync): void;
  /** Runs `use` with a condition that holds for the rows whose `text` passes the test. */
  during<T>(
    test: TextTest,
    use: (condition: (text: RawBuilder<string>) => RawBuilder<boolean>) => Promise<T>,
  ): Promise<T>;
}

/** Creates the function `sorcha_matches(test, text)`. A function cannot be removed from a connection, a test can. */
export function createMatchFunction(): MatchFunction {
  const tests = new Map<number, TextTest>();
  let next = 0;
  return {
    register: (connection) => {
      connection.function('sorcha_matches', (token, text) => {
        const test = tests.get(Number(token));
        if (test === undefined) {
          throw new Error('a query asks for a test only while it runs');
        }
        return Number(test(String(text)));
      });
    },
    during: async (test, use) => {
      const token = next;
      next += 1;
      tests.set(token, test);
      try {
        return await use((text) => sql<boolean>`sorcha_matches(${token}, ${text})`);
      } finally {
        tests.delete(token);
      }
    },
  };
}
