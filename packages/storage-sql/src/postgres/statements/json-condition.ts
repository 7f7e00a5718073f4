import type { Comparison, Operand } from '@sorcha/storage';
import { anyOf, type Fragment, fragment, never, rawFragment } from './condition.ts';
import type { FieldNode, Translation } from './filter-translation.ts';

/** Where in which JSON a condition looks. */
export interface JsonPlace {
  /** An expression of the type jsonb, an object. */
  readonly json: Fragment;
  readonly path: readonly string[];
}

const comparisons: Readonly<Record<Comparison, string>> = {
  $eq: '==',
  $gt: '>',
  $gte: '>=',
  $lt: '<',
  $lte: '<=',
};

/** A longer path has too many shapes with and without lists; it is asked for with a path expression instead. */
const MAX_CONTAINED_PATH = 3;

/** What a path expression can compare with. */
type JsonScalar = string | number | boolean;

/**
 * Translates a condition on a place in JSON. In path expressions in lax mode, as here, lists on the way and at the end stand for
 * their elements, one level deep, as they do in filters; only segments that are indexes do not. Numbers are compared as
 * decimals, which stand in the same order as the doubles that they are the shortest texts of.
 */
export function translateJson(place: JsonPlace, node: FieldNode): Translation {
  if (place.path.some((segment) => /^\d/u.test(segment))) {
    return {};
  }
  switch (node.kind) {
    case 'compare':
      return node.operator === '$eq'
        ? translateEquality(place, node.operand)
        : translateComparison(place, node.operator, node.operand);
    case 'in':
      return translateIn(place, node.operands);
    case 'exists':
      return { exact: fragment`jsonb_path_exists(${place.json}, ${toPathText(place.path)}::jsonpath, '{}', true)` };
    case 'startsWith':
      return { exact: matches(place, (path) => `${path} starts with ${JSON.stringify(node.prefix)}`) };
    case 'elemMatch':
    default:
      return {};
  }
}

function translateEquality(place: JsonPlace, operand: Operand): Translation {
  if (operand === null) {
    return { exact: isNullOrMissing(place) };
  }
  if (hasDate(operand)) {
    return { exact: never };
  }
  if (isScalar(operand)) {
    const isShort = place.path.length <= MAX_CONTAINED_PATH;
    return { exact: isShort ? contains(place, operand) : compares(place, '$eq', operand) };
  }
  return place.path.length <= MAX_CONTAINED_PATH ? { narrowing: contains(place, operand) } : {};
}

function translateComparison(place: JsonPlace, operator: Exclude<Comparison, '$eq'>, operand: Operand): Translation {
  if (operand === null) {
    return { exact: operator === '$gt' || operator === '$lt' ? never : isNullOrMissing(place) };
  }
  if (operand instanceof Date) {
    return { exact: never };
  }
  return isScalar(operand) ? { exact: compares(place, operator, operand) } : {};
}

function translateIn(place: JsonPlace, operands: readonly Operand[]): Translation {
  const possible = operands.filter((operand) => !hasDate(operand));
  const scalars = possible.filter(isScalar);
  const isEmpty = possible.includes(null) ? isNullOrMissing(place) : never;
  if (isEmpty === undefined || scalars.length + Number(possible.includes(null)) < new Set(possible).size) {
    return {};
  }
  if (scalars.length === 0) {
    return { exact: isEmpty };
  }
  const isOneOf = holds(place, (path) => scalars.map((scalar) => `${path} == ${JSON.stringify(scalar)}`).join(' || '));
  return { exact: isEmpty === never ? isOneOf : anyOf([isOneOf, isEmpty]) };
}

function isScalar(operand: Operand): operand is JsonScalar {
  return typeof operand === 'string' || typeof operand === 'number' || typeof operand === 'boolean';
}

/** Says whether a date stands in an operand: JSON has none, so nothing equals it. */
export function hasDate(operand: Operand): boolean {
  if (operand instanceof Date) {
    return true;
  }
  return typeof operand === 'object' && operand !== null && Object.values<Operand>(operand).some(hasDate);
}

/** `$."a"."b"`: quoted as in JSON, so that no name can be anything else. */
function toPathText(path: readonly string[]): string {
  return `$${path.map((segment) => `.${JSON.stringify(segment)}`).join('')}`;
}

/** For equality only: an index on the whole is asked for the values. */
function holds({ json, path }: JsonPlace, predicate: (path: string) => string): Fragment {
  return fragment`(${json} @@ ${predicate(toPathText(path))}::jsonpath)`;
}

/** For what is no equality: such an index would have to be read whole, so this is written as it does not know it. */
function matches({ json, path }: JsonPlace, predicate: (path: string) => string): Fragment {
  return fragment`jsonb_path_match(${json}, ${predicate(toPathText(path))}::jsonpath, '{}', true)`;
}

function compares(place: JsonPlace, operator: Comparison, operand: JsonScalar): Fragment {
  const predicate = (path: string) => `${path} ${comparisons[operator]} ${JSON.stringify(operand)}`;
  return operator === '$eq' ? holds(place, predicate) : matches(place, predicate);
}

/** Only for one segment; through objects and lists on the way "missing" has too many shapes. */
function isNullOrMissing(place: JsonPlace): Fragment | undefined {
  const [member, ...deeper] = place.path;
  if (member === undefined || deeper.length > 0) {
    return undefined;
  }
  const has = rawFragment(' ? ');
  return anyOf([fragment`(not (${place.json}${has}${member}::text))`, holds(place, (path) => `${path} == null`)]);
}

/** Holds where the operand stands at the path, with and without lists on the way and at the end. */
function contains({ json, path }: JsonPlace, operand: Operand): Fragment {
  const shapes = path.reduceRight<readonly unknown[]>(
    (values, segment) => values.flatMap((value) => [{ [segment]: value }, { [segment]: [value] }]),
    [operand],
  );
  return anyOf(shapes.map((shape) => fragment`(${json} @> ${JSON.stringify(shape)}::jsonb)`));
}
