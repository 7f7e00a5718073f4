import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { allOf, anyOf, columnFragment, fragment, never, rawFragment } from './condition.ts';
import { createStatementCache, type StatementInput } from './statement-cache.ts';

test('one text serves all conditions that differ in values only, and is built once', () => {
  const cache = createStatementCache();
  let built = 0;
  const ask = (name: string, size: number, limit: number) =>
    cache.toStatement({
      schema: 's',
      table: 't',
      kind: 'find',
      parts: [allOf([fragment`"name" = ${name}`, fragment`(${size} < "size" or ${name} = 'x')`])],
      values: [limit],
      build: ({ db, part, value }) => {
        built += 1;
        return db.withSchema('s').selectFrom('t').select(['a']).where(part<boolean>(0)).limit(value<number>(0));
      },
    });
  const first = ask('n', 1, 10);
  expect(first).toEqual({
    text: `select "a" from "s"."t" where ("name" = $1 and ($2 < "size" or $3 = 'x')) limit $4`,
    values: ['n', 1, 'n', 10],
  });
  expect(ask("'; drop table t; --", 2, 20)).toEqual({
    text: first.text,
    values: ["'; drop table t; --", 2, "'; drop table t; --", 20],
  });
  expect(built).toBe(1);
});

test('a part may stand in a statement twice, and values in any order', () => {
  const input: StatementInput = {
    schema: 's',
    table: 't',
    kind: 'twice',
    parts: [fragment`"a" = ${1}`],
    values: [2, 3],
    build: ({ part, value }) => sql`${value(1)} ${part(0)} ${value(0)} ${part(0)}`,
  };
  expect(createStatementCache().toStatement(input)).toEqual({ text: '$1 "a" = $2 $3 "a" = $4', values: [3, 1, 2, 1] });
});

test('other parts and other kinds are other statements', () => {
  const cache = createStatementCache();
  const ask = (kind: string, text: string) => {
    const build: StatementInput['build'] = ({ part }) => sql`${sql.raw(kind)} ${part(0)}`;
    return cache.toStatement({ schema: 's', table: 't', kind, parts: [rawFragment(text)], build }).text;
  };
  expect([ask('a', 'x'), ask('b', 'x'), ask('a', 'y'), ask('a', 'x')]).toEqual(['a x', 'b x', 'a y', 'a x']);
});

test('names are quoted, junctions of nothing and of one are that', () => {
  expect(columnFragment('a"b').texts).toEqual(['"a""b"']);
  expect(allOf([]).texts).toEqual(['true']);
  expect(anyOf([])).toBe(never);
  expect(anyOf([never])).toBe(never);
});

test('the text of a value and the place of a gap cannot be taken for each other', () => {
  expect(fragment`a${1}`.shape).not.toBe(fragment`a${rawFragment('1')}`.shape);
});

test('so many statements are kept, and then built again', () => {
  const cache = createStatementCache();
  const built: string[] = [];
  const ask = (schema: string, kind: string) =>
    cache.toStatement({
      schema,
      table: 't',
      kind,
      build: () => {
        built.push(schema);
        return sql`select 1`;
      },
    });
  ask('old', 'a');
  for (let kind = 0; kind < 2_000; kind += 1) {
    ask('new', `${kind}`);
  }
  built.length = 0;
  ask('new', '7');
  expect(built).toEqual([]);
  ask('old', 'a');
  expect(built).toEqual(['old']);
});
