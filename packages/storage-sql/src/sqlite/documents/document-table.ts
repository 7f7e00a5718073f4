import type { DocumentDefinition, Stored } from '@sorcha/storage';
import { toStored } from '@sorcha/storage/provider';
import { parseBody } from '../../rows/parse-body.ts';
import {
  checkDocumentDeclaration,
  toDocumentDeclaration,
  toDocumentTables,
} from '../../schema/document-declaration.ts';
import { quoteName } from '../../schema/quote-name.ts';
import type { RowSource } from '../rows/search-rows.ts';
import type { DeclaredTable } from '../schema/declared-table.ts';
import { describePathValue, type NarrowingPaths, narrowFilter } from './narrow-filter.ts';

/** What a definition of a document needs in a file. */
export function describeDocumentTable<D, I>(definition: DocumentDefinition<D, I>): DeclaredTable {
  const { name, indexes, unique } = definition;
  const { documents, taken } = toDocumentTables(name);
  const declaration = toDocumentDeclaration(definition);
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
    change: (recorded, place) => {
      checkDocumentDeclaration(declaration, recorded, place);
      return [];
    },
  };
}

function describePathIndex(table: string, path: string) {
  // SQLite takes names that differ only in case for the same.
  const name = `${table}.${path.replaceAll(/[A-Z]/g, '^$&')}`;
  return { name, createSql: `CREATE INDEX ${quoteName(name)} ON ${table} (${describePathValue(path)})` };
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
