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
import { toRefusal } from '../../rows/to-refusal.ts';
import { toRowFilter, toSearch } from '../../rows/to-search.ts';
import { checkDatabase } from '../check-health.ts';
import { type DatabaseOptions, openDatabase, type SqliteDatabase } from '../open-database.ts';
import { readRow, readVersion } from '../rows/read-row.ts';
import { countRows, deleteRows, findRows, type RowSource } from '../rows/search-rows.ts';
import type { CellTables, Session } from '../rows/session.ts';
import { prepareTables } from '../schema/prepare-tables.ts';
import { createDocumentSource, describeDocumentTable } from './document-table.ts';
import { createDocumentWriter, type DocumentWriter } from './document-writer.ts';

/** Options of {@link openSqliteDocumentStore}. */
export interface SqliteDocumentOptions<D, I = D> extends DatabaseOptions {
  readonly definition: DocumentDefinition<D, I>;
}

/**
 * Opens the document store of a definition in a SQLite file, which may hold other stores too; the file is created when it is
 * absent. Documents are kept as JSON; the paths that the definition names are indexed.
 *
 * @throws StorageError `INVALID`, `UNAVAILABLE`, `INCOMPATIBLE_SERVER` for a foreign file, a newer version or a table that does
 * not fit the definition (docs/decisions/0008-sqlite-schema.md), `CORRUPTED`.
 */
export async function openSqliteDocumentStore<D extends object, I = D>(
  options: SqliteDocumentOptions<D, I>,
): Promise<DocumentStore<D, I>> {
  const { definition } = requireOption(options, 'definition');
  const database = await openDatabase<CellTables>(options);
  try {
    await prepareTables(database, [describeDocumentTable(definition)]);
  } catch (error) {
    await database.close();
    throw error;
  }
  const parts = { database, definition, source: createDocumentSource(definition) };
  return {
    provider: 'sqlite',
    ...createReads(parts),
    ...createWrites(parts),
    health: async (call) => measureHealth('sqlite', async () => checkDatabase(database, call)),
    close: async () => database.close(),
  };
}

interface StoreParts<D, I> {
  readonly database: SqliteDatabase<CellTables>;
  readonly definition: DocumentDefinition<D, I>;
  readonly source: RowSource<D>;
}

type Reads = 'get' | 'getMany' | 'find' | 'count' | 'exists';

function createReads<D extends object, I>(parts: StoreParts<D, I>): Pick<DocumentStore<D, I>, Reads> {
  const { database, definition, source } = parts;
  const checkId = (id: string) => checkDocumentId(id, `${definition.name}.${definition.key}`);
  const read = async <T>(call: CallOptions | undefined, query: (session: Session) => Promise<T>) =>
    database.read(async (db) => query({ db, match: database.match }), call);
  return {
    get: async (id, call) => {
      database.enter(call);
      const checked = checkId(id);
      return read(call, async (session) => readRow(session, source, checked));
    },
    getMany: async (ids, call) => {
      database.enter(call);
      const checked = checkList(ids, 'ids').map(checkId);
      return read(call, async ({ db }) => {
        const rows = await db
          .selectFrom(source.table)
          .select(source.columns)
          .where(sql<boolean>`id in (select value from json_each(${JSON.stringify(checked)}))`)
          .execute();
        const byId = new Map(rows.map((row) => [row['id'], row]));
        return checked.map((id) => {
          const row = byId.get(id);
          return row === undefined ? undefined : source.toStored(row);
        });
      });
    },
    find: async (filter, call) => {
      database.enter(call);
      const search = toSearch(source, { ...call, filter });
      return read(call, async (session) => findRows(session, source, search));
    },
    count: async (filter = {}, call) => {
      database.enter(call);
      const rowFilter = toRowFilter(source, filter);
      return read(call, async (session) => countRows(session, source, rowFilter));
    },
    exists: async (id, call) => {
      database.enter(call);
      const checked = checkId(id);
      return read(call, async (session) => (await readVersion(session, source, checked)) !== undefined);
    },
  };
}

type Writes = 'insert' | 'insertMany' | 'replace' | 'upsert' | 'delete' | 'deleteMany';

function createWrites<D extends object, I>(parts: StoreParts<D, I>): Pick<DocumentStore<D, I>, Writes> {
  const { database, definition, source } = parts;
  const { name, key } = definition;
  const toResult = ({ value }: CheckedDocument, version: number) => toStored(definition, value, version);
  const write = async <T>(
    call: CallOptions | undefined,
    work: (session: Session, writer: DocumentWriter) => Promise<T>,
  ) => database.write(async (db) => work({ db, match: database.match }, createDocumentWriter(db, definition)), call);
  const insertMany: DocumentStore<D, I>['insertMany'] = async (documents, call) => {
    database.enter(call);
    const checked = checkList(documents, 'documents').map((document) => toDocument(definition, document));
    await write(call, async (_, writer) => writer.insertAll(checked));
    return checked.map((document) => toResult(document, 1));
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
    replace: async (stored, call) => {
      database.enter(call);
      const { value, version } = splitStored<D>(stored);
      const document = toDocument(definition, value);
      return write(call, async (session, writer) => {
        const found = await readVersion(session, source, document.id);
        if (found !== version) {
          throw toRefusal(`${name} "${document.id}"`, found, version);
        }
        await writer.replace(document, found + 1);
        return toResult(document, found + 1);
      });
    },
    upsert: async (document, call) => {
      database.enter(call);
      const checked = toDocument(definition, document);
      return write(call, async (session, writer) => {
        const found = await readVersion(session, source, checked.id);
        await (found === undefined ? writer.insertAll([checked]) : writer.replace(checked, found + 1));
        return toResult(checked, (found ?? 0) + 1);
      });
    },
    delete: async (id, call) => {
      database.enter(call);
      const checked = checkDocumentId(id, `${name}.${key}`);
      const version = call?.version === undefined ? undefined : checkVersion(call.version);
      return write(call, async (session, writer) => {
        const found = await readVersion(session, source, checked);
        if (found === undefined) {
          return false;
        }
        if (version !== undefined && found !== version) {
          throw toRefusal(`${name} "${checked}"`, found, version);
        }
        await writer.delete(checked);
        return true;
      });
    },
    deleteMany: async (filter, call) => {
      database.enter(call);
      const rowFilter = toRowFilter(source, filter);
      return write(call, async (session) => deleteRows(session, source, rowFilter));
    },
  };
}
