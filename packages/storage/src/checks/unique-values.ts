import { readPath } from '../filter/filter-path.ts';

/** One value, or one combination of values, that at most one entity or document may have. */
export interface UniqueValue {
  /** The members or the path, for messages. */
  readonly name: string;
  /** Equal texts are equal values. */
  readonly text: string;
}

/**
 * The unique values of something, by the paths whose values together must be unique. Left out where one of them is absent,
 * `null`, an array or an object: those are never equal.
 */
export function listUniqueValues(value: unknown, uniques: readonly (readonly string[])[]): UniqueValue[] {
  return uniques.flatMap((paths) => {
    const parts = paths.map((path) => toScalarText(readPath(value, path.split('.'))));
    return parts.includes(undefined) ? [] : [{ name: paths.join(', '), text: JSON.stringify([paths, parts]) }];
  });
}

/** A text that is equal for equal scalars of one type; `undefined` for what is never equal. */
function toScalarText(value: unknown): string | undefined {
  if (value instanceof Date) {
    return `date ${value.getTime()}`;
  }
  return value === undefined || value === null || typeof value === 'object' ? undefined : JSON.stringify(value);
}
