import { type Comparison, compileFilter, type FilterNode, type Operand } from '@sorcha/storage';
import { type RawBuilder, sql } from 'kysely';
import { parseBody } from '../../rows/parse-body.ts';
import { toTextRange } from '../../rows/text-range.ts';
import { allOf, anyOf, type Condition } from '../rows/join-conditions.ts';
import type { RowFilter } from '../rows/search-rows.ts';

/** What a kind of document can be narrowed by. */
export interface NarrowingPaths {
  /** The member that the column `id` repeats. */
  readonly key: string;
  /** The paths that have an index on {@link describePathValue}. */
  readonly indexed: ReadonlySet<string>;
}

/** What stands in an index for a document with an array at or on the way to the path: no JSON value is a blob. */
const SOME_ARRAY = "x''";

/**
 * The expression that a path is indexed by: the scalar at the path as SQLite reads it from the JSON, NULL when it is null or
 * missing, and one blob for all documents in which an array could stand for several values.
 *
 * @param path of a definition, so letters, digits, `_`, `-` and dots only.
 */
export function describePathValue(path: string): string {
  const segments = path.split('.');
  const places = segments.map(
    (_, index) =>
      `'$${segments
        .slice(0, index + 1)
        .map((name) => `."${name}"`)
        .join('')}'`,
  );
  const isArray = places.map((place) => `json_type(body, ${place}) = 'array'`).join(' OR ');
  return `CASE WHEN ${isArray} THEN ${SOME_ARRAY} ELSE json_extract(body, ${places.at(-1)}) END`;
}

/**
 * Makes the evaluator decide on the whole document, and narrows the documents that it is asked about by indexes where the
 * filter allows. A narrowing may let through too many, never too few.
 */
export function narrowFilter(paths: NarrowingPaths, filter: FilterNode): RowFilter {
  if (filter.kind === 'and' && filter.nodes.length === 0) {
    return {};
  }
  const matches = compileFilter(filter);
  return {
    condition: narrow(paths, filter),
    test: { columns: ['body'], passes: ([body]) => matches(parseBody(body)) },
  };
}

function narrow(paths: NarrowingPaths, node: FilterNode): Condition | undefined {
  switch (node.kind) {
    case 'and': {
      const conditions = node.nodes.map((inner) => narrow(paths, inner)).filter((inner) => inner !== undefined);
      return conditions.length === 0 ? undefined : allOf(conditions);
    }
    case 'or': {
      const conditions = node.nodes.map((inner) => narrow(paths, inner)).filter((inner) => inner !== undefined);
      return conditions.length < node.nodes.length ? undefined : anyOf(conditions);
    }
    case 'not':
      return undefined;
    case 'compare':
    case 'in':
    case 'exists':
    case 'startsWith':
    case 'elemMatch':
    default: {
      const value = toPathValue(paths, node.path.join('.'));
      return value === undefined ? undefined : narrowField(value, node);
    }
  }
}

/** The expression that is indexed for a path; `undefined` when there is none. */
function toPathValue({ key, indexed }: NarrowingPaths, path: string): RawBuilder<unknown> | undefined {
  if (path === key) {
    return sql.id('id');
  }
  return indexed.has(path) ? sql`(${sql.raw(describePathValue(path))})` : undefined;
}

/** A condition on one path. */
type FieldNode = Exclude<FilterNode, { readonly kind: 'and' | 'or' | 'not' }>;

function narrowField(value: RawBuilder<unknown>, node: FieldNode): Condition | undefined {
  switch (node.kind) {
    case 'compare':
      return node.operator === '$eq'
        ? narrowIn(value, [node.operand])
        : narrowComparison(value, node.operator, node.operand);
    case 'in':
      return narrowIn(value, node.operands);
    case 'startsWith': {
      const { from, below } = toTextRange(node.prefix);
      return anyOf([
        below === undefined
          ? sql<boolean>`(${value} >= ${from})`
          : sql<boolean>`(${value} >= ${from} and ${value} < ${below})`,
        hasArray(value),
      ]);
    }
    case 'elemMatch':
      return hasArray(value);
    case 'exists':
    default:
      return undefined;
  }
}

function hasArray(value: RawBuilder<unknown>): Condition {
  return sql<boolean>`(${value} = ${sql.raw(SOME_ARRAY)})`;
}

function narrowIn(value: RawBuilder<unknown>, operands: readonly Operand[]): Condition | undefined {
  const exact: (string | number)[] = [];
  const fractions: number[] = [];
  for (const operand of operands) {
    if (typeof operand === 'string' || typeof operand === 'boolean') {
      exact.push(typeof operand === 'string' ? operand : Number(operand));
    } else if (typeof operand === 'number') {
      (Number.isSafeInteger(operand) ? exact : fractions).push(operand);
    } else if (operand !== null && !Array.isArray(operand) && !(operand instanceof Date)) {
      // An object has many texts.
      return undefined;
    }
  }
  const conditions = [sql<boolean>`(${value} in (${sql.join([...exact, sql.raw(SOME_ARRAY)])}))`];
  if (fractions.length > 0) {
    const low = toBounds(Math.min(...fractions)).low;
    const high = toBounds(Math.max(...fractions)).high;
    conditions.push(sql<boolean>`(${value} >= ${low} and ${value} <= ${high})`);
  }
  if (operands.includes(null)) {
    conditions.push(sql<boolean>`(${value} is null)`);
  }
  return anyOf(conditions);
}

function narrowComparison(
  value: RawBuilder<unknown>,
  operator: Exclude<Comparison, '$eq'>,
  operand: Operand,
): Condition | undefined {
  const isAbove = operator === '$gt' || operator === '$gte';
  // SQLite puts numbers (booleans are 0 and 1) before texts, and blobs last.
  if (typeof operand === 'number') {
    const { low, high } = toBounds(operand);
    return anyOf([
      isAbove ? sql<boolean>`(${value} >= ${low} and ${value} < '')` : sql<boolean>`(${value} <= ${high})`,
      hasArray(value),
    ]);
  }
  if (typeof operand === 'string') {
    return isAbove
      ? sql<boolean>`(${value} >= ${operand})`
      : anyOf([sql<boolean>`(${value} >= '' and ${value} <= ${operand})`, hasArray(value)]);
  }
  return undefined;
}

/** How far SQLite's reading of a number may be off, generously: relative, and next to zero absolute. */
const RELATIVE_ERROR = 2 ** -40;
const SMALLEST_ERROR = 1e-280;

/**
 * Bounds around a number for SQLite's reading of its JSON text, which need not be the nearest double as in JavaScript; only
 * integers are read exactly.
 */
function toBounds(value: number): { low: number; high: number } {
  const error = Math.max(Math.abs(value) * RELATIVE_ERROR, SMALLEST_ERROR);
  return { low: value - error, high: value + error };
}
