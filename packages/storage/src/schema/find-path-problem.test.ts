import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { findPathProblem } from './find-path-problem.ts';

const point = z.object({ x: z.number(), y: z.number() });
const left = z.object({ kind: z.literal('left'), l: z.string() });
const right = z.object({ kind: z.literal('right'), r: point });

interface Tree {
  readonly leaf: string;
  readonly pair: [Tree, Tree] | Tree[];
}
const tree: z.ZodType<Tree> = z.object({
  leaf: z.string(),
  get pair() {
    return z.union([z.tuple([tree, tree]), z.array(tree)]);
  },
});

const find = (schema: z.ZodType, path: string) =>
  findPathProblem(z.object({ made: schema }), `made.${path}`.split('.'));

describe('nothing is below a value without members', () => {
  test.each<[string, z.ZodType]>([
    ['a text', z.string()],
    ['a text of a format', z.email()],
    ['a text template', z.templateLiteral(['a', z.number()])],
    ['a literal', z.literal('a')],
    ['several literals', z.literal(['a', 1, null])],
    ['an enum', z.enum(['a', 'b'])],
    ['a number', z.int()],
    ['a bigint', z.bigint()],
    ['a big integer', z.int64()],
    ['a boolean', z.boolean()],
    ['a date', z.date()],
    ['null', z.null()],
    ['undefined', z.undefined()],
    ['never', z.never().optional()],
    ['not a number', z.nan()],
    ['what may be left out', z.literal('a').exactOptional()],
    ['what has a default', z.literal('a').default('a')],
    ['a union of such', z.union([z.string(), z.literal(1).nullable()])],
    ['a list of such', z.array(z.literal('a'))],
    ['a tuple of such', z.tuple([z.string(), z.literal(1)], z.bigint())],
    ['an empty tuple', z.tuple([])],
    ['an intersection of such', z.intersection(z.string(), z.literal('a'))],
  ])('%s', (_, schema) => {
    expect(find(schema, 'x')).toBe('"made" has no members');
  });
});

describe('what holds others is asked for all of them', () => {
  test.each<[string, z.ZodType, string, string]>([
    ['a union', z.union([left, right]), 'kind l r r.x', 'm kind.x l.x r.z'],
    ['a union with a text', z.string().or(point), 'x y', 'z 0 x.x'],
    ['a discriminated union', z.discriminatedUnion('kind', [left, right]), 'l r.y', 'm r.l'],
    ['an intersection', z.intersection(left, point), 'l x y kind', 'r x.y'],
    ['a tuple', z.tuple([left, point]), 'l x 0.l 1.x 0 1', 'r 0.r x.y 0.x.0'],
    ['a tuple with a rest', z.tuple([z.string()], point), 'x 7.y', 'z 7.z'],
    ['a list', z.array(point), 'x 0 0.x', 'z 0.z'],
    ['a list in a list', z.array(z.array(point)), 'x 0 0.x 0.0 0.0.x', 'z 0.z 0.0.z'],
    ['a record', z.record(z.string(), point), 'any any.x', 'any.z any.x.y'],
    ['a union with what is not told', z.union([left, z.looseObject({ a: z.int() })]), 'm.n a l.x', 'a.b'],
  ])('%s', (_, schema, there, absent) => {
    expect(there.split(' ').filter((path) => find(schema, path) !== undefined)).toEqual([]);
    expect(absent.split(' ').filter((path) => find(schema, path) === undefined)).toEqual([]);
  });

  it('names the members that there are', () => {
    expect(find(z.union([left, right]), 'm')).toBe('"made" has the members kind, l, r');
  });
});

test.each<[string, z.ZodType]>([
  ['a loose object', z.looseObject({})],
  ['an object with a catch-all', z.object({}).catchall(z.string())],
  ['a loose record', z.looseRecord(z.string(), z.string())],
  ['any JSON', z.json()],
  ['a transformation', z.string().transform((text) => ({ text }))],
  ['unknown', z.unknown()],
  ['an intersection with one', z.intersection(point, z.looseObject({}))],
])('nothing is said of %s', (_, schema) => {
  expect(find(schema, 'some.where')).toBeUndefined();
});

it('takes a recursive schema without going each of its ways', () => {
  const deep = Array.from({ length: 31 }, () => 'pair');
  expect(findPathProblem(tree, [...deep, 'leaf'])).toBeUndefined();
  expect(findPathProblem(tree, [...deep, 'laef'])).toBe(`"${deep.join('.')}" has the members leaf, pair`);
});
