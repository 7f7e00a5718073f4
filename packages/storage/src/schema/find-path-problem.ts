import { z } from 'zod';
import { toIndex } from '../filter/filter-path.ts';

/** Schemas that stand for what they hold. */
const wrappers = [
  z.ZodOptional,
  z.ZodNullable,
  z.ZodDefault,
  z.ZodPrefault,
  z.ZodCatch,
  z.ZodReadonly,
  z.ZodNonOptional,
];

/** Schemas of values that have no members. */
const scalars = [z.ZodString, z.ZodStringFormat, z.ZodNumber, z.ZodBoolean, z.ZodEnum, z.ZodDate, z.ZodNull];

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

/** Says whether an object may have members that its schema does not name. */
export function isOpenObject(schema: z.ZodObject): boolean {
  const { catchall } = schema.def;
  return catchall !== undefined && !(catchall instanceof z.ZodNever);
}

/**
 * Says why no value of a schema can have anything at a path of a filter or an order; `undefined` when one can, or when the
 * schema does not tell. Arrays are passed through as by filters.
 */
export function findPathProblem(schema: unknown, path: readonly string[], position = 0): string | undefined {
  const segment = path[position];
  const part = unwrapSchema(schema);
  if (segment === undefined) {
    return undefined;
  }
  const where = position === 0 ? 'it' : `"${path.slice(0, position).join('.')}"`;
  if (part instanceof z.ZodArray) {
    const problem = findPathProblem(part.element, path, position);
    return problem === undefined || toIndex(segment) === undefined
      ? problem
      : findPathProblem(part.element, path, position + 1);
  }
  if (part instanceof z.ZodObject) {
    if (Object.hasOwn(part.shape, segment)) {
      return findPathProblem(part.shape[segment], path, position + 1);
    }
    return isOpenObject(part) ? undefined : `${where} has the members ${Object.keys(part.shape).join(', ')}`;
  }
  return scalars.some((type) => part instanceof type) ? `${where} has no members` : undefined;
}
