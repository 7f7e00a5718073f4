import type { DocumentDefinition, Stored } from '@sorcha/storage';
import { toStored } from '@sorcha/storage/provider';
import { z } from 'zod';
import type { RowSource } from '../rows/search-rows.ts';
import { type DeclaredTable, refuseTable, type TablePlace } from '../schema/declared-table.ts';
import { quoteName } from '../schema/quote-name.ts';
import { describePathValue, type NarrowingPaths, narrowFilter } from './narrow-filter.ts';
import { parseBody } from './parse-body.ts';

/** The tables of a kind of document. */
export interface DocumentTables {
  /** `id`, `version` and `body`, the document as JSON. */
  readonly documents: string;
  /** The unique values that are taken, each as one text: `value` and the `id` of the document that has it. */
  readonly taken: string;
}

/** The names of the tables of a kind of document. */
export function toDocumentTables(name: string): DocumentTables {
  return { documents: `document_${name}`, taken: `unique_${name}` };
}

/** What a definition of a document needs in a file. */
export function describeDocumentTable<D, I>(definition: DocumentDefinition<D, I>): DeclaredTable {
  const { name, key, indexes, unique } = definition;
  const { documents, taken } = toDocumentTables(name);
  const declaration = { key, unique: [...new Set(unique)].sort() };
  return {
    name: documents,
    tables: [documents, taken],
    declaration,
    createSql: [
      `CREATE TABLE ${documents} (id TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL) STRICT`,
      `CREATE TABLE ${taken} (value TEXT PRIMARY KEY NOT NULL, ` +
        `id TEXT NOT NULL REFERENCES ${documents} (id) ON DELETE CASCADE) STRICT, WITHOUT ROWID`,
    ],
    indexes: [
      { name: `${taken}.id`, createSql: `CREATE INDEX "${taken}.id" ON ${taken} (id)` },
      ...[...new Set([...indexes, ...unique])].map((path) => describePathIndex(documents, path)),
    ],
    change: (recorded, place) => checkDeclaration(declaration, recorded, place),
  };
}

function describePathIndex(table: string, path: string) {
  // SQLite takes names that differ only in case for the same.
  const name = `${table}.${path.replaceAll(/[A-Z]/g, '^$&')}`;
  return { name, createSql: `CREATE INDEX ${quoteName(name)} ON ${table} (${describePathValue(path)})` };
}

const declarationSchema = z.object({ key: z.string(), unique: z.array(z.string()) });

function checkDeclaration(
  declared: z.output<typeof declarationSchema>,
  recorded: unknown,
  place: TablePlace,
): readonly string[] {
  const found = declarationSchema.safeParse(recorded);
  if (!found.success) {
    throw refuseTable(place, 'has a record of another version of this software; use that one');
  }
  const advice = 'declare it so, or copy the documents to a new kind';
  if (found.data.key !== declared.key) {
    throw refuseTable(place, `has the key "${found.data.key}", not "${declared.key}"; ${advice}`);
  }
  const [was, is] = [found.data.unique, declared.unique].map((paths) => paths.join(', ') || 'none');
  if (was !== is) {
    throw refuseTable(place, `has the unique paths ${was}, not ${is}; ${advice}`);
  }
  return [];
}

/** The rows of a kind of document, as they are searched. */
export function createDocumentSource<D extends object, I>(definition: DocumentDefinition<D, I>): RowSource<D> {
  const { key, indexes, unique } = definition;
  const paths: NarrowingPaths = { key, indexed: new Set([...indexes, ...unique]) };
  return {
    table: toDocumentTables(definition.name).documents,
    searched: definition,
    key: { column: 'id', member: key },
    columns: ['id', 'version', 'body'],
    toFilter: (node) => narrowFilter(paths, node),
    toOrder: (keys) => {
      const [first] = keys;
      if (first === undefined) {
        return [{ column: 'id', direction: 'asc' }];
      }
      return first.path.length === 1 && first.path[0] === key
        ? [{ column: 'id', direction: first.direction }]
        : undefined;
    },
    toStored: (row): Stored<D> => toStored(definition, parseBody(row['body']), Number(row['version'])),
  };
}
