import type { DocumentDefinition, FilterNode, Stored } from '@sorcha/storage';
import { toStored } from '@sorcha/storage/provider';
import { parseBody } from '../../rows/parse-body.ts';
import {
  checkDocumentDeclaration,
  toDocumentDeclaration,
  toDocumentTables,
} from '../../schema/document-declaration.ts';
import { quoteName } from '../../schema/quote-name.ts';
import { refuseTable } from '../../schema/refuse-table.ts';
import { translateTyped } from '../relational/translate-entity-filter.ts';
import type { RowFilter, RowSource } from '../rows/row-source.ts';
import type { DeclaredTable } from '../schema/declared-table.ts';
import { columnFragment } from '../statements/condition.ts';
import { translateFilter } from '../statements/filter-translation.ts';
import { translateJson } from '../statements/json-condition.ts';
import { bothOf, CONTENT, describePathIndex, narrowByIndex } from './path-index.ts';

/** How long the list is in which the index keeps what is new, in kilobytes. The server's own value is 4,096. */
const PENDING_KB = 256;

/** What a definition of a document needs in a schema. */
export function describeDocumentTable<D, I>(definition: DocumentDefinition<D, I>): DeclaredTable {
  const { name, indexes, unique } = definition;
  const { documents, taken } = toDocumentTables(name);
  const declaration = toDocumentDeclaration(definition);
  const index = (suffix: string, table: string, entries: string) => ({
    name: `${table}.${suffix}`,
    createSql: (schema: string) =>
      `create index ${quoteName(`${table}.${suffix}`)} on ${quoteName(schema)}.${table} ${entries}`,
  });
  return {
    name: documents,
    tables: [documents, taken],
    declaration,
    createSql: (schema) => [
      `create table ${quoteName(schema)}.${documents} (id text collate "C" primary key, version bigint not null, ` +
        `body text not null, ${CONTENT} jsonb not null generated always as (body::jsonb) stored)`,
      `create table ${quoteName(schema)}.${taken} (value bytea primary key, ` +
        `id text collate "C" not null references ${quoteName(schema)}.${documents} (id) on delete cascade)`,
    ],
    indexes: [
      index('id', taken, '(id)'),
      // What was written last waits in a list that every search reads too, so it is kept shorter than usual.
      index(CONTENT, documents, `using gin (${CONTENT} jsonb_path_ops) with (gin_pending_list_limit = ${PENDING_KB})`),
      ...[...new Set([...indexes, ...unique])].map((path) => describePathIndex(documents, path)),
    ],
    change: (recorded, place) => {
      checkDocumentDeclaration(declaration, recorded, place);
      return [];
    },
    describeFound: (_, __, place) => {
      throw refuseTable(place, 'has another shape after a migration, which may change documents but not their tables');
    },
  };
}

/** The rows of a kind of document, as they are searched. */
export function createDocumentSource<D extends object, I>(definition: DocumentDefinition<D, I>): RowSource<D> {
  const { key, indexes, unique } = definition;
  const indexed = new Set([...indexes, ...unique]);
  return {
    table: toDocumentTables(definition.name).documents,
    searched: definition,
    key: { column: 'id', member: key, index: 0 },
    columns: ['id', 'version', 'body'],
    toFilter: (node) => toFilter(key, indexed, node),
    toOrder: (keys) => {
      const [first] = keys;
      const isKey = first === undefined || (first.path.length === 1 && first.path[0] === key);
      const direction = first?.direction ?? 'asc';
      return isKey ? [{ expression: columnFragment('id'), direction, nulls: '' }] : undefined;
    },
    toStored: ([, version, body]): Stored<D> => toStored(definition, parseBody(body), Number(version)),
  };
}

/** SQL decides what path expressions can say, the evaluator the rest; indexes on declared paths narrow both. */
function toFilter(key: string, indexed: ReadonlySet<string>, filter: FilterNode): RowFilter {
  const content = columnFragment(CONTENT);
  const { condition, matches } = translateFilter(filter, (node) => {
    const path = node.path.join('.');
    if (path === key) {
      return { exact: translateTyped({ name: 'id', type: 'text', empty: 'never' }, node, false) };
    }
    const { exact, narrowing } = translateJson({ json: content, path: node.path }, node);
    return { exact, narrowing: bothOf(indexed.has(path) ? narrowByIndex(path, node) : undefined, narrowing) };
  });
  return { condition, test: matches === undefined ? undefined : ([, , body]) => matches(parseBody(body)) };
}
