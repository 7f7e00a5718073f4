import { type EntityDefinition, type Repository, StorageError } from '@sorcha/storage';
import {
  checkEntityId,
  checkList,
  checkVersion,
  splitStored,
  toEntity,
  toPageBounds,
  toStored,
} from '@sorcha/storage/provider';
import { sql } from 'kysely';
import { toRefusal } from '../../rows/to-refusal.ts';
import { toRowFilter, toSearch } from '../../rows/to-search.ts';
import type { RowSource } from '../rows/row-source.ts';
import { countMatches, findRows, readPage } from '../rows/search-rows.ts';
import { selectRow, selectRowsAfter, selectVersion } from '../rows/select-rows.ts';
import type { RunCalls, Session } from '../rows/session.ts';
import type { StatementInput } from '../statements/statement-cache.ts';
import { toColumnName, VERSION } from './entity-columns.ts';
import { divideRows, insertRow, insertRows, toCells } from './insert-rows.ts';

/** How many rows a scan reads at a time. */
const SCAN_ROWS = 200;

/** What a repository works with. */
interface RepositoryParts<E, I> {
  readonly definition: EntityDefinition<E, I>;
  readonly source: RowSource<E>;
  readonly calls: RunCalls;
}

/** Creates the repository of one table. Arguments are checked and copied before a call waits for its turn. */
export function createPostgresRepository<E extends object, I>(parts: RepositoryParts<E, I>): Repository<E, I> {
  return { ...createReads(parts), ...createAdditions(parts), ...createChanges(parts) };
}

type Reads = 'get' | 'find' | 'page' | 'scan' | 'exists' | 'count';

function createReads<E extends object, I>(parts: RepositoryParts<E, I>): Pick<Repository<E, I>, Reads> {
  const { definition, source, calls } = parts;
  return {
    get: async (id, options) => {
      const checked = checkEntityId(definition, id);
      const read = async (session: Session) => session.select(selectRow(session.schema, source, checked));
      const row = (await calls.read(read, [], options))[0];
      return row === undefined ? undefined : source.toStored(row);
    },
    find: async (filter, options) => findRows(calls, source, toSearch(source, { ...options, filter }), options),
    page: async (request, options) => {
      const bounds = toPageBounds(request);
      const { filter = {}, orderBy, page, pageSize } = request;
      return readPage(calls, source, toSearch(source, { filter, orderBy, ...bounds }), { page, pageSize }, options);
    },
    scan: async function* (filter, options) {
      const rowFilter = toRowFilter(source, filter);
      let after: string | number | undefined;
      let isMore = true;
      while (isMore) {
        const request = { filter: rowFilter, after, limit: SCAN_ROWS };
        const read = async (session: Session) => session.select(selectRowsAfter(session.schema, source, request));
        const rows = await calls.read(read, [], options);
        const last = rows.at(-1);
        after = last === undefined ? undefined : checkEntityId(definition, last[source.key.index]);
        isMore = rows.length === SCAN_ROWS;
        const matching = rowFilter.test === undefined ? rows : rows.filter(rowFilter.test);
        yield* matching.map((row) => source.toStored(row));
      }
    },
    exists: async (id, options) => {
      const checked = checkEntityId(definition, id);
      return (
        (await calls.read(async (session) => readVersion(session, source, checked), undefined, options)) !== undefined
      );
    },
    count: async (filter = {}, options) => countMatches(calls, source, toRowFilter(source, filter), options),
  };
}

/** The version of one row; `undefined` when there is none. */
async function readVersion<E>(
  session: Session,
  source: RowSource<E>,
  id: string | number,
): Promise<number | undefined> {
  const [row] = await session.select(selectVersion(session.schema, source, id));
  return row === undefined ? undefined : Number(row[0]);
}

function createAdditions<E extends object, I>(parts: RepositoryParts<E, I>): Pick<Repository<E, I>, 'add' | 'addMany'> {
  const { definition, source, calls } = parts;
  const { name, columns } = definition;
  return {
    add: async (entity, options) => {
      const { id, value } = toEntity(definition, entity);
      const row = toCells(columns, value);
      const insert = async (session: Session) => session.execute(insertRow(session.schema, source.table, columns, row));
      const { count } = await calls.write(insert, 'impossible', options);
      if (count === 0) {
        throw new StorageError(
          'ALREADY_EXISTS',
          `The ${name} "${id}" has a key or unique value that is taken; use another.`,
        );
      }
      return toStored(definition, value, 1);
    },
    addMany: async (entities, options) => {
      const values = checkList(entities, 'entities').map((entity) => toEntity(definition, entity).value);
      const batches = divideRows(values.map((value) => toCells(columns, value)));
      const insert = async (session: Session) => {
        for (const rows of batches) {
          await session.execute(insertRows(session.schema, source.table, columns, rows));
        }
      };
      await (batches.length > 1
        ? calls.transact('every moment', insert, options)
        : calls.write(insert, 'possible', options));
      return values.map((value) => toStored(definition, value, 1));
    },
  };
}

function createChanges<E extends object, I>(parts: RepositoryParts<E, I>): Pick<Repository<E, I>, 'update' | 'delete'> {
  const { definition, source, calls } = parts;
  const { name } = definition;
  const hasUnique = definition.unique.length > 0;
  return {
    update: async (stored, options) => {
      const { value: entity, version } = splitStored<E>(stored);
      const { id, value } = toEntity(definition, entity);
      const cells = toCells(definition.columns, value);
      const update = async (session: Session) => {
        const { count } = await session.execute(updateRow(session.schema, parts, [...cells, id, version]));
        return count > 0 ? undefined : { found: await readVersion(session, source, id) };
      };
      const refused = await calls.write(update, hasUnique ? 'possible' : 'impossible', options);
      if (refused !== undefined) {
        throw toRefusal(`${name} "${id}"`, refused.found, version);
      }
      return toStored(definition, value, version + 1);
    },
    delete: async (id, options) => {
      const checked = checkEntityId(definition, id);
      const version = options?.version === undefined ? undefined : checkVersion(options.version);
      return calls.write(
        async (session) => {
          const { count } = await session.execute(deleteRow(session.schema, source, checked, version));
          const found = count > 0 || version === undefined ? undefined : await readVersion(session, source, checked);
          if (version !== undefined && found !== undefined) {
            // One that has the version after all was put there meanwhile.
            throw toRefusal(`${name} "${checked}"`, found, version);
          }
          return count > 0;
        },
        'impossible',
        options,
      );
    },
  };
}

function updateRow<E, I>(
  schema: string,
  { definition, source }: RepositoryParts<E, I>,
  values: readonly unknown[],
): StatementInput {
  const { columns } = definition;
  return {
    schema,
    table: source.table,
    kind: 'update',
    values,
    build: ({ db, value }) =>
      db
        .withSchema(schema)
        .updateTable(source.table)
        .set((row) => ({
          ...Object.fromEntries(columns.map(({ name }, index) => [toColumnName(name), value(index)])),
          [VERSION]: row(VERSION, '+', sql.lit(1)),
        }))
        .where(source.key.column, '=', value(columns.length))
        .where(VERSION, '=', value(columns.length + 1)),
  };
}

function deleteRow<E>(
  schema: string,
  source: RowSource<E>,
  id: string | number,
  version: number | undefined,
): StatementInput {
  return {
    schema,
    table: source.table,
    kind: `delete ${String(version === undefined)}`,
    values: [id, version],
    build: ({ db, value }) => {
      const found = db.withSchema(schema).deleteFrom(source.table).where(source.key.column, '=', value(0));
      return version === undefined ? found : found.where(VERSION, '=', value(1));
    },
  };
}
