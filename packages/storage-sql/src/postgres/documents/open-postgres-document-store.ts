import type { CallOptions, DocumentDefinition, DocumentStore } from '@sorcha/storage';
import {
  type CheckedDocument,
  checkDocumentId,
  checkList,
  checkVersion,
  requireOption,
  splitStored,
  toDocument,
  toStored,
} from '@sorcha/storage/provider';
import { sql } from 'kysely';
import { measureHealth } from '../../measure-health.ts';
import { divideBatches } from '../../rows/divide-batches.ts';
import { toRefusal } from '../../rows/to-refusal.ts';
import { toRowFilter, toSearch } from '../../rows/to-search.ts';
import { checkDatabase } from '../check-health.ts';
import { openPostgresDatabase, type PostgresDatabase } from '../connection/postgres-database.ts';
import type { PostgresOptions } from '../connection/postgres-options.ts';
import { createCalls } from '../rows/create-calls.ts';
import type { RowSource } from '../rows/row-source.ts';
import { countMatches, findRows } from '../rows/search-rows.ts';
import { selectRow, selectVersion } from '../rows/select-rows.ts';
import type { RunCalls, Session } from '../rows/session.ts';
import { prepareSchema } from '../schema/prepare-schema.ts';
import { createStatementCache, type StatementInput } from '../statements/statement-cache.ts';
import { deleteMatches } from './delete-matches.ts';
import { createDocumentStatements, type DocumentStatements } from './document-statements.ts';
import { createDocumentSource, describeDocumentTable } from './document-table.ts';

/** How many documents one statement inserts, and about how many characters. */
const INSERT_AT_ONCE = { count: 1_000, size: 4_000_000 };

/** Options of {@link openPostgresDocumentStore}. */
export interface PostgresDocumentOptions<D, I = D> extends PostgresOptions {
  readonly definition: DocumentDefinition<D, I>;
}

/**
 * Opens the document store of a definition in a PostgreSQL database, from version 14 on. Its tables are in the schema that the options
 * name, which other stores may share. Documents are kept as their exact text and, to be searched, as JSON: every value is found
 * by equality through an index, and the paths that the definition names also by order.
 *
 * @throws StorageError `INVALID`, `UNAVAILABLE`, `INCOMPATIBLE_SERVER` for an older server, another encoding or a table that
 * does not fit the definition (docs/decisions/0012-postgresql.md), `CORRUPTED` for a table that is lost.
 */
export async function openPostgresDocumentStore<D extends object, I = D>(
  options: PostgresDocumentOptions<D, I>,
): Promise<DocumentStore<D, I>> {
  const { definition, ...databaseOptions } = requireOption(options, 'definition');
  const database = await openPostgresDatabase(databaseOptions);
  const { schema } = database;
  try {
    await prepareSchema(database, { schema, tables: [describeDocumentTable(definition)], migrations: undefined });
  } catch (error) {
    await database.close();
    throw error;
  }
  const calls = createCalls({
    database,
    statements: createStatementCache(),
    schema,
    prepare: () => true,
    gate: { enter: (call) => database.enter(call), leave: () => undefined },
  });
  const parts = {
    database,
    definition,
    calls,
    source: createDocumentSource(definition),
    statements: createDocumentStatements(definition),
  };
  return {
    provider: 'postgres',
    ...createReads(parts),
    ...createInserts(parts),
    ...createChanges(parts),
    health: async (call) => measureHealth('postgres', async () => checkDatabase(database, call)),
    close: async () => database.close(),
  };
}

interface StoreParts<D, I> {
  readonly database: PostgresDatabase;
  readonly definition: DocumentDefinition<D, I>;
  readonly calls: RunCalls;
  readonly source: RowSource<D>;
  readonly statements: DocumentStatements;
}

type Reads = 'get' | 'getMany' | 'find' | 'count' | 'exists';

function createReads<D extends object, I>(parts: StoreParts<D, I>): Pick<DocumentStore<D, I>, Reads> {
  const { database, definition, calls, source } = parts;
  const checkId = (id: string) => checkDocumentId(id, `${definition.name}.${definition.key}`);
  const read = async (call: CallOptions | undefined, toInput: (schema: string) => StatementInput) =>
    calls.read(async (session) => session.select(toInput(session.schema)), [], call);
  return {
    get: async (id, call) => {
      database.enter(call);
      const checked = checkId(id);
      const [row] = await read(call, (schema) => selectRow(schema, source, checked));
      return row === undefined ? undefined : source.toStored(row);
    },
    getMany: async (ids, call) => {
      database.enter(call);
      const checked = checkList(ids, 'ids').map(checkId);
      const rows = await read(call, (schema) => selectMany(schema, source, checked));
      const byId = new Map(rows.map((cells) => [cells[source.key.index], cells]));
      return checked.map((id) => {
        const row = byId.get(id);
        return row === undefined ? undefined : source.toStored(row);
      });
    },
    find: async (filter, call) => {
      database.enter(call);
      return findRows(calls, source, toSearch(source, { ...call, filter }), call);
    },
    count: async (filter = {}, call) => {
      database.enter(call);
      return countMatches(calls, source, toRowFilter(source, filter), call);
    },
    exists: async (id, call) => {
      database.enter(call);
      const checked = checkId(id);
      return (await read(call, (schema) => selectVersion(schema, source, checked))).length > 0;
    },
  };
}

function selectMany<D>(schema: string, source: RowSource<D>, ids: readonly string[]): StatementInput {
  return {
    schema,
    table: source.table,
    kind: 'getMany',
    values: [ids],
    build: ({ db, value }) =>
      db
        .withSchema(schema)
        .selectFrom(source.table)
        .select(source.columns)
        .where(sql<boolean>`id = any(${value(0)}::text[])`),
  };
}

function createInserts<D extends object, I>(
  parts: StoreParts<D, I>,
): Pick<DocumentStore<D, I>, 'insert' | 'insertMany'> {
  const { database, definition, calls, statements } = parts;
  const insertMany: DocumentStore<D, I>['insertMany'] = async (documents, call) => {
    database.enter(call);
    const checked = checkList(documents, 'documents').map((document) => toDocument(definition, document));
    const batches = divideBatches(checked, INSERT_AT_ONCE, ({ value }) => JSON.stringify(value).length);
    const insert = async (session: Session) => {
      for (const batch of batches) {
        await session.execute(statements.insert(session.schema, batch));
      }
    };
    await (batches.length > 1 ? calls.transact('every moment', insert, call) : calls.write(insert, 'possible', call));
    return checked.map(({ value }) => toStored(definition, value, 1));
  };
  return {
    insertMany,
    insert: async (document, call) => {
      const [inserted] = await insertMany([document], call);
      if (inserted === undefined) {
        throw new Error('one document that is inserted gives one');
      }
      return inserted;
    },
  };
}

type Changes = 'replace' | 'upsert' | 'delete' | 'deleteMany';

function createChanges<D extends object, I>(parts: StoreParts<D, I>): Pick<DocumentStore<D, I>, Changes> {
  const { database, definition, calls, source, statements } = parts;
  const { name, key } = definition;
  /** Several statements only where unique values change too. */
  const change = async <T>(work: (session: Session) => Promise<T>, call: CallOptions | undefined) =>
    statements.hasUnique ? calls.transact('every moment', work, call) : calls.write(work, 'possible', call);
  const takeValues = async (session: Session, document: CheckedDocument) => {
    if (statements.hasUnique) {
      await session.execute(statements.release(session.schema, document));
      await session.execute(statements.take(session.schema, document));
    }
  };
  return {
    replace: async (stored, call) => {
      database.enter(call);
      const { value, version } = splitStored<D>(stored);
      const document = toDocument(definition, value);
      await change(async (session) => {
        const { count } = await session.execute(statements.replace(session.schema, document, version));
        if (count === 0) {
          throw toRefusal(`${name} "${document.id}"`, await readVersion(session, source, document.id), version);
        }
        await takeValues(session, document);
      }, call);
      return toStored(definition, document.value, version + 1);
    },
    upsert: async (document, call) => {
      database.enter(call);
      const checked = toDocument(definition, document);
      return change(async (session) => {
        const { rows } = await session.execute(statements.upsert(session.schema, checked));
        await takeValues(session, checked);
        return toStored(definition, checked.value, Number(rows[0]?.['version']));
      }, call);
    },
    delete: async (id, call) => {
      database.enter(call);
      const checked = checkDocumentId(id, `${name}.${key}`);
      const version = call?.version === undefined ? undefined : checkVersion(call.version);
      const remove = async (session: Session) => {
        const { count } = await session.execute(statements.delete(session.schema, checked, version));
        const found = count > 0 || version === undefined ? undefined : await readVersion(session, source, checked);
        if (version !== undefined && found !== undefined) {
          throw toRefusal(`${name} "${checked}"`, found, version);
        }
        return count > 0;
      };
      return calls.write(remove, 'impossible', call);
    },
    deleteMany: async (filter, call) => {
      database.enter(call);
      return deleteMatches(parts, toRowFilter(source, filter), call);
    },
  };
}

async function readVersion<D>(session: Session, source: RowSource<D>, id: string): Promise<number | undefined> {
  const [row] = await session.select(selectVersion(session.schema, source, id));
  return row === undefined ? undefined : Number(row[0]);
}
