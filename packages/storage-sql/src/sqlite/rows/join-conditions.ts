import { type RawBuilder, sql } from 'kysely';

/** A condition of a query. */
export type Condition = RawBuilder<boolean>;

/** Holds for every row, or for none. */
export const always: Condition = sql<boolean>`1`;
export const never: Condition = sql<boolean>`0`;

/** All of the conditions. */
export function allOf(conditions: readonly Condition[]): Condition {
  return join(conditions, always, (a, b) => sql<boolean>`(${a} and ${b})`);
}

/** One of the conditions. */
export function anyOf(conditions: readonly Condition[]): Condition {
  return join(conditions, never, (a, b) => sql<boolean>`(${a} or ${b})`);
}

/** Joins by halves, because SQLite bounds the depth of an expression, and a chain is as deep as it is long. */
function join(
  conditions: readonly Condition[],
  none: Condition,
  pair: (a: Condition, b: Condition) => Condition,
): Condition {
  const [only = none] = conditions;
  if (conditions.length < 2) {
    return only;
  }
  const middle = Math.ceil(conditions.length / 2);
  return pair(join(conditions.slice(0, middle), none, pair), join(conditions.slice(middle), none, pair));
}
