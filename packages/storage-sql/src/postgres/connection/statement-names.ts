import { createHash } from 'node:crypto';

/** How many texts are remembered. */
const MAX_TEXTS = 2_000;

/** How many prepared statements a connection keeps. The server holds each in memory until the connection ends. */
const MAX_PREPARED = 250;

/** A connection that so often could not prepare what it ran is to be replaced by one that can. */
const MAX_UNPREPARED = 2_000;

/** The statements that one connection has prepared. */
export interface PreparedStatements {
  /** The name to run a text under, so that the server plans it once; `undefined` when it is run without. */
  nameOf(text: string): string | undefined;
  /** Says whether another connection would do better. */
  isWornOut(): boolean;
}

/** Names statements, the same on all connections of a pool. */
export interface StatementNames {
  createPrepared(): PreparedStatements;
}

/** Creates names. A text gets one when it is run for the second time: what is run once is not worth keeping. */
export function createStatementNames(): StatementNames {
  /** The one used last stands last; the name is absent until the second use. */
  const names = new Map<string, string | undefined>();
  const look = (text: string): string | undefined => {
    const isKnown = names.has(text);
    const name = names.get(text) ?? (isKnown ? toName(text) : undefined);
    names.delete(text);
    names.set(text, name);
    const [oldest] = names.keys();
    if (names.size > MAX_TEXTS && oldest !== undefined) {
      names.delete(oldest);
    }
    return name;
  };
  return {
    createPrepared: () => {
      const prepared = new Map<string, string>();
      let unprepared = 0;
      return {
        nameOf: (text) => {
          const known = prepared.get(text);
          if (known !== undefined) {
            return known;
          }
          const name = look(text);
          if (name !== undefined && prepared.size < MAX_PREPARED) {
            prepared.set(text, name);
            return name;
          }
          unprepared += Number(name !== undefined);
          return undefined;
        },
        isWornOut: () => unprepared >= MAX_UNPREPARED,
      };
    },
  };
}

function toName(text: string): string {
  return `sorcha_${createHash('sha256').update(text).digest('hex').slice(0, 40)}`;
}
