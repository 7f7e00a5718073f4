import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
} from 'kysely';
import type { Statement } from '../connection/postgres-connection.ts';
import { type Fragment, toRawBuilder } from './condition.ts';

/** How many statements are kept; then those of the schema go in which nothing new was asked for longest. */
const MAX_STATEMENTS = 2_000;

/** The tables of a schema, by name: which there are depends on the definitions. */
export type AnyTables = Record<string, Record<string, unknown>>;

/** Builds queries; what runs them is elsewhere. */
export type QueryBuilder = Kysely<AnyTables>;

/** A place for a value that is known when the statement is run. */
class Slot {
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}

/** What a statement is built from. */
export interface StatementBuilder {
  readonly db: QueryBuilder;
  /** A fragment that the statement is asked with, by its place in the list. */
  readonly part: <T>(index: number) => RawBuilder<T>;
  /** A value that the statement is asked with, by its place in the list. */
  readonly value: <T>(index: number) => RawBuilder<T>;
}

/** What a statement is asked with. */
export interface StatementInput {
  readonly schema: string;
  readonly table: string;
  /** Tells statements on a table apart that have the same parts: says everything else that their text depends on. */
  readonly kind: string;
  readonly parts?: readonly Fragment[];
  readonly values?: readonly unknown[];
  readonly build: (builder: StatementBuilder) => { compile(db: QueryBuilder): CompiledQuery };
}

/** Statements, each built once for all that differ in values only. */
export interface StatementCache {
  toStatement(input: StatementInput): Statement;
}

interface Template {
  readonly text: string;
  /** The place of each value of the text among all values of the input; absent when they stand as they come. */
  readonly order: readonly number[] | undefined;
}

/** Creates an empty cache. */
export function createStatementCache(): StatementCache {
  const db: QueryBuilder = new Kysely<AnyTables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (one) => new PostgresIntrospector(one),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  /** By schema, table and kind: names that are always the same strings are found faster than one that is put together. */
  const schemas = new Map<string, Map<string, Map<string, Template>>>();
  let count = 0;

  const remember = (input: StatementInput, kind: string): Template => {
    const template = createTemplate(db, input);
    const tables = schemas.get(input.schema) ?? new Map<string, Map<string, Template>>();
    const kinds = tables.get(input.table) ?? new Map<string, Template>();
    kinds.set(kind, template);
    tables.set(input.table, kinds);
    // The schema in which something new was asked last stands last.
    schemas.delete(input.schema);
    schemas.set(input.schema, tables);
    count += 1;
    const [oldest] = schemas.keys();
    if (count > MAX_STATEMENTS && oldest !== undefined) {
      schemas.get(oldest)?.forEach(({ size }) => {
        count -= size;
      });
      schemas.delete(oldest);
    }
    return template;
  };
  return {
    toStatement: (input) => {
      const { parts = [], values = [] } = input;
      const kind = parts.length === 0 ? input.kind : [input.kind, ...parts.map(({ shape }) => shape)].join('\u0000');
      const template = schemas.get(input.schema)?.get(input.table)?.get(kind) ?? remember(input, kind);
      const all = parts.length === 0 ? values : [...parts.flatMap((part) => part.values), ...values];
      const { text, order } = template;
      return { text, values: order === undefined ? all : order.map((index) => all[index]) };
    },
  };
}

function createTemplate(db: QueryBuilder, input: StatementInput): Template {
  const { parts = [], build } = input;
  const starts: number[] = [];
  let count = 0;
  for (const part of parts) {
    starts.push(count);
    count += part.values.length;
  }
  const query = build({
    db,
    part: (index) => {
      const { texts = [], values = [] } = parts[index] ?? {};
      const start = starts[index] ?? 0;
      return toRawBuilder(
        texts,
        values.map((_, place) => new Slot(start + place)),
      );
    },
    value: (index) => toRawBuilder(['', ''], [new Slot(count + index)]),
  });
  const { sql, parameters } = query.compile(db);
  const order = parameters.map(toIndex);
  const isAsIs = order.length === count + (input.values?.length ?? 0) && order.every((index, place) => index === place);
  return { text: sql, order: isAsIs ? undefined : order };
}

function toIndex(parameter: unknown): number {
  if (!(parameter instanceof Slot)) {
    throw new TypeError('a statement that is kept has no values of its own; hand them in');
  }
  return parameter.index;
}
