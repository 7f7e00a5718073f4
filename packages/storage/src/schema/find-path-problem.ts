import { z } from 'zod';
import { toIndex } from '../filter/filter-path.ts';

/** Schemas that stand for what they hold. */
const wrappers = [
  z.ZodOptional,
  z.ZodExactOptional,
  z.ZodNullable,
  z.ZodDefault,
  z.ZodPrefault,
  z.ZodCatch,
  z.ZodReadonly,
  z.ZodNonOptional,
];

/** Schemas of values that have no members. */
const scalars = [
  z.ZodString,
  z.ZodStringFormat,
  z.ZodTemplateLiteral,
  z.ZodLiteral,
  z.ZodEnum,
  z.ZodNumber,
  z.ZodNaN,
  z.ZodBigInt,
  z.ZodBoolean,
  z.ZodSuccess,
  z.ZodDate,
  z.ZodNull,
  z.ZodUndefined,
  z.ZodVoid,
  z.ZodNever,
  z.ZodSymbol,
];

/** The schema inside of those that only make a value optional, nullable and the like. */
export function unwrapSchema(schema: unknown): unknown {
  let inner = schema;
  for (;;) {
    const wrapped = inner;
    const wrapper = wrappers.find((type) => wrapped instanceof type);
    if (wrapper === undefined || !(wrapped instanceof wrapper)) {
      return wrapped;
    }
    inner = wrapped.unwrap();
  }
}

/**
 * Says why no value of a schema can have anything at a path of a filter or an order; `undefined` when one can, or when the
 * schema does not tell. Arrays are passed through as by filters. Of what can be one thing or another, one that has something
 * there is enough.
 */
export function findPathProblem(schema: unknown, path: readonly string[]): string | undefined {
  // Sets, because ways through a recursive schema meet again and again.
  let here: ReadonlySet<unknown> = new Set([schema]);
  for (const [position, segment] of path.entries()) {
    const parts = new Set([...here].flatMap(listParts));
    const elements = toIndex(segment) === undefined ? [] : [...here].flatMap(listElements);
    const next = new Set(elements);
    for (const part of parts) {
      const below = listBelow(part, segment);
      if (below === undefined) {
        return undefined;
      }
      below.forEach((member) => next.add(member));
    }
    if (next.size === 0) {
      const where = position === 0 ? 'it' : `"${path.slice(0, position).join('.')}"`;
      const members = [...parts].flatMap((part) => (part instanceof z.ZodObject ? Object.keys(part.shape) : []));
      return `${where} has ${members.length === 0 ? 'no members' : `the members ${[...new Set(members)].join(', ')}`}`;
    }
    here = next;
  }
  return undefined;
}

/** What a name can be looked up in: the elements of arrays, each of several possible schemas. */
function listParts(schema: unknown): readonly unknown[] {
  const part = unwrapSchema(schema);
  const inner = [...(listInArray(part) ?? []), ...listAlternatives(part)];
  return inner.length > 0 ? inner.flatMap(listParts) : [part];
}

/** What an index can pick. */
function listElements(schema: unknown): readonly unknown[] {
  const part = unwrapSchema(schema);
  const elements = listInArray(part) ?? [];
  return [...elements, ...[...elements, ...listAlternatives(part)].flatMap(listElements)];
}

/** The schemas of the elements of an array; `undefined` for what is none. */
function listInArray(part: unknown): readonly unknown[] | undefined {
  if (part instanceof z.ZodArray) {
    return [part.element];
  }
  return part instanceof z.ZodTuple ? [...part.def.items, part.def.rest ?? z.never()] : undefined;
}

/** The schemas of which a value fits one, or, in an intersection, has the members of all. */
function listAlternatives(part: unknown): readonly unknown[] {
  if (part instanceof z.ZodUnion) {
    return part.options;
  }
  return part instanceof z.ZodIntersection ? [part.def.left, part.def.right] : [];
}

/** What can be at a name in a value that is no array: nothing, or a value of a schema; `undefined` when the schema does not tell. */
function listBelow(part: unknown, name: string): readonly unknown[] | undefined {
  if (part instanceof z.ZodObject) {
    if (Object.hasOwn(part.shape, name)) {
      const member: unknown = part.shape[name];
      return [member];
    }
    const { catchall } = part.def;
    return catchall === undefined || catchall instanceof z.ZodNever ? [] : undefined;
  }
  if (part instanceof z.ZodRecord) {
    return part.def.mode === 'loose' ? undefined : [part.valueType];
  }
  return scalars.some((type) => part instanceof type) ? [] : undefined;
}
