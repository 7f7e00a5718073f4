import { isJsonArray, isJsonObject, type JsonValue } from './json-value.ts';
import { type Parsed, type Problem, quote, refuse } from './parsed.ts';

/**
 * What is wrong with a value, or `undefined`. The detail continues the value's path (` must be ...`, `.height must
 * be ...`), so that paths are only put together when something is wrong.
 */
export type FindProblem = (value: JsonValue) => Problem | undefined;

/** The check of each member of `T`; every member is required and no other is allowed. */
export type Shape<T> = Readonly<Record<keyof T & string, FindProblem>>;

/** Makes the reader of an object type; the checks in `shape` must pass nothing but what the members' types say. */
export function readerOf<T extends object>(shape: Shape<T>): (value: JsonValue, path: string) => Parsed<T> {
  const findProblem = objectOf<T>(shape);
  // Tells the compiler what the checks of the shape have shown by then.
  const isChecked = (value: JsonValue): value is JsonValue & T => isJsonObject(value);
  return (value, path) => {
    const problem = findProblem(value);
    if (problem !== undefined) return { problem: under(path, problem) };
    return isChecked(value) ? { value } : refuse('INVALID', `${path} must be a JSON object`);
  };
}

/** A check that a value is an object of some shape. */
export function objectOf<T extends object>(shape: Shape<T>): FindProblem {
  const members = Object.entries<FindProblem>(shape);
  return (value) => {
    if (!isJsonObject(value)) return invalid(' must be a JSON object');
    for (const [member, findProblem] of members) {
      const child = Object.hasOwn(value, member) ? value[member] : undefined;
      if (child === undefined) return invalid(` lacks the member "${member}"`);
      const problem = findProblem(child);
      if (problem !== undefined) return under(`.${member}`, problem);
    }
    const unknown = Object.keys(value).find((member) => !Object.hasOwn(shape, member));
    return unknown === undefined ? undefined : invalid(` has the unknown member ${quote(unknown)}`);
  };
}

/** A check that a value satisfies a guard; `expected` completes "must be ...". */
export function satisfies(guard: (value: JsonValue) => boolean, expected: string): FindProblem {
  return (value) => (guard(value) ? undefined : invalid(` must be ${expected}`));
}

/** A check that a value is an array of at most `limit` elements, each passing `findProblem`. */
export function arrayOf(findProblem: FindProblem, limit: number): FindProblem {
  return (value) => {
    if (!isJsonArray(value)) return invalid(' must be an array');
    if (value.length > limit) return refuse('LIMIT_EXCEEDED', ` has more than ${limit} elements`).problem;
    for (const [index, element] of value.entries()) {
      const problem = findProblem(element);
      if (problem !== undefined) return under(`[${index}]`, problem);
    }
    return undefined;
  };
}

/** A check that a value passes one check and then another. */
export function both(first: FindProblem, second: FindProblem): FindProblem {
  return (value) => first(value) ?? second(value);
}

/** The check for heights, counts and times: an integer from `min` to `max` (2^53 - 1 by default); -0 is refused. */
export function integerFrom(min: number, max: number = Number.MAX_SAFE_INTEGER): FindProblem {
  return satisfies(
    (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max && !Object.is(value, -0),
    `an integer from ${min} to ${max}`,
  );
}

function under(path: string, { code, detail }: Problem): Problem {
  return { code, detail: `${path}${detail}` };
}

function invalid(detail: string): Problem {
  return { code: 'INVALID', detail };
}
