import { createHash } from 'node:crypto';
import type { DocumentDefinition, JsonObject } from '@sorcha/storage';
import { type CheckedDocument, listUniqueValues } from '@sorcha/storage/provider';
import { sql } from 'kysely';
import { type DocumentTables, toDocumentTables } from '../../schema/document-declaration.ts';
import type { StatementInput } from '../statements/statement-cache.ts';

/** The statements that write one kind of document. */
export interface DocumentStatements {
  /** Says whether documents take unique values, which takes several statements to change. */
  readonly hasUnique: boolean;
  /** Adds documents and takes their unique values. The database refuses when a key or value is taken. */
  insert(schema: string, documents: readonly CheckedDocument[]): StatementInput;
  /** Puts a document in the place of the one that has its key and that version. */
  replace(schema: string, document: CheckedDocument, version: number): StatementInput;
  /** Adds a document or puts it in the place of the one with its key; answers with its version. */
  upsert(schema: string, document: CheckedDocument): StatementInput;
  /** Gives back the unique values that a document does not have any more. */
  release(schema: string, document: CheckedDocument): StatementInput;
  /** Takes the unique values that a document has not taken yet. */
  take(schema: string, document: CheckedDocument): StatementInput;
  delete(schema: string, id: string, version: number | undefined): StatementInput;
  deleteAll(schema: string, ids: readonly unknown[]): StatementInput;
}

/** Creates the statements of a definition. */
export function createDocumentStatements<D, I>(definition: DocumentDefinition<D, I>): DocumentStatements {
  const tables = toDocumentTables(definition.name);
  const uniques = [...new Set(definition.unique)].map((path) => [path]);
  const hashesOf = ({ value }: CheckedDocument) => listUniqueValues(value, uniques).map(({ text }) => toHash(text));
  return {
    hasUnique: uniques.length > 0,
    insert: (schema, documents) => {
      const ids = documents.map(({ id }) => id);
      const bodies = documents.map(({ value }) => toBody(value));
      const taken = uniques.length === 0 ? [] : documents.flatMap((one) => hashesOf(one).map((hash) => [hash, one.id]));
      const values = [ids, bodies, taken.map(([hash]) => hash), taken.map(([, id]) => id)];
      return insertDocuments(schema, tables, values, taken.length > 0);
    },
    replace: (schema, { id, value }, version) => ({
      schema,
      table: tables.documents,
      kind: 'replace',
      values: [toBody(value), id, version],
      build: (builder) => {
        const [body, key, found] = [0, 1, 2].map((index) => builder.value(index));
        return sql`update ${sql.id(schema, tables.documents)} set body = ${body}, version = version + 1
          where id = ${key} and version = ${found}`;
      },
    }),
    upsert: (schema, { id, value }) => ({
      schema,
      table: tables.documents,
      kind: 'upsert',
      values: [id, toBody(value)],
      build: (builder) =>
        sql`insert into ${sql.id(schema, tables.documents)} as d (id, version, body)
          values (${builder.value(0)}, 1, ${builder.value(1)})
          on conflict (id) do update set body = excluded.body, version = d.version + 1 returning version`,
    }),
    release: (schema, document) => ({
      schema,
      table: tables.taken,
      kind: 'release',
      values: [document.id, hashesOf(document)],
      build: (builder) =>
        sql`delete from ${sql.id(schema, tables.taken)}
          where id = ${builder.value(0)} and value <> all (${builder.value(1)}::bytea[])`,
    }),
    take: (schema, document) => ({
      schema,
      table: tables.taken,
      kind: 'take',
      values: [document.id, hashesOf(document)],
      build: (builder) => {
        const taken = sql.id(schema, tables.taken);
        const id = builder.value(0);
        return sql`insert into ${taken} (value, id) select v.value, ${id} from unnest(${builder.value(1)}::bytea[]) as v (value)
          where not exists (select from ${taken} as t where t.value = v.value and t.id = ${id})`;
      },
    }),
    delete: (schema, id, version) => deleteDocument(schema, tables, id, version),
    deleteAll: (schema, ids) => ({
      schema,
      table: tables.documents,
      kind: 'deleteAll',
      values: [ids],
      build: (builder) =>
        sql`delete from ${sql.id(schema, tables.documents)} where id = any (${builder.value(0)}::text[])`,
    }),
  };
}

/** The exact text that is kept. */
function toBody(value: JsonObject): string {
  return JSON.stringify(value);
}

/** A unique value as it is kept: of one size, however long it is. */
function toHash(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

function insertDocuments(
  schema: string,
  { documents, taken }: DocumentTables,
  values: readonly unknown[],
  takesValues: boolean,
): StatementInput {
  return {
    schema,
    table: documents,
    kind: `insert ${String(takesValues)}`,
    values,
    build: (builder) => {
      const [ids, bodies, hashes, owners] = [0, 1, 2, 3].map((index) => builder.value(index));
      const insert = sql`insert into ${sql.id(schema, documents)} (id, version, body)
        select r.id, 1, r.body from unnest(${ids}::text[], ${bodies}::text[]) as r (id, body)`;
      return takesValues
        ? sql`with added as (${insert}) insert into ${sql.id(schema, taken)} (value, id)
            select * from unnest(${hashes}::bytea[], ${owners}::text[])`
        : insert;
    },
  };
}

function deleteDocument(
  schema: string,
  { documents }: DocumentTables,
  id: string,
  version: number | undefined,
): StatementInput {
  return {
    schema,
    table: documents,
    kind: `delete ${String(version === undefined)}`,
    values: [id, version],
    build: ({ db, value }) => {
      const found = db.withSchema(schema).deleteFrom(documents).where('id', '=', value(0));
      return version === undefined ? found : found.where('version', '=', value(1));
    },
  };
}
