import type { EntityDefinition, Repository, Stored } from '@sorcha/storage';
import {
  checkEntityId,
  checkList,
  checkVersion,
  splitStored,
  toEntity,
  toPage,
  toPageBounds,
  toStored,
} from '@sorcha/storage/provider';
import { toRefusal } from '../../rows/to-refusal.ts';
import { toRowFilter, toSearch } from '../../rows/to-search.ts';
import { readRow, readVersion } from '../rows/read-row.ts';
import { countRows, findRows, type RowSource, readRowsAfter } from '../rows/search-rows.ts';
import type { RunCalls, Session } from '../rows/session.ts';
import { toCells } from './entity-table.ts';

/** How many rows a scan reads at a time. */
const SCAN_ROWS = 200;

/** SQLite binds at most 32,766 values in one statement. */
const MAX_VALUES = 32_000;
const MAX_INSERT_ROWS = 100;

/** Creates the repository of one table. Arguments are checked and copied before a call waits for its turn. */
export function createSqliteRepository<E extends object, I>(
  definition: EntityDefinition<E, I>,
  source: RowSource<E>,
  calls: RunCalls,
): Repository<E, I> {
  return { ...createReads(definition, source, calls), ...createWrites(definition, source, calls) };
}

type Reads = 'get' | 'find' | 'page' | 'scan' | 'exists' | 'count';

function createReads<E extends object, I>(
  definition: EntityDefinition<E, I>,
  source: RowSource<E>,
  calls: RunCalls,
): Pick<Repository<E, I>, Reads> {
  const checkId = (id: string | number) => checkEntityId(definition, id);
  return {
    get: async (id, options) => {
      const checked = checkId(id);
      return calls.read(async (session) => readRow(session, source, checked), undefined, options);
    },
    find: async (filter, options) => {
      const search = toSearch(source, { ...options, filter });
      return calls.read(async (session) => findRows(session, source, search), [], options);
    },
    page: async (request, options) => {
      const bounds = toPageBounds(request);
      const { filter = {}, orderBy } = request;
      const search = toSearch(source, { filter, orderBy, ...bounds });
      const read = async (session: Session) => {
        const total = await countRows(session, source, search.filter);
        return toPage(request, bounds.skip < total ? await findRows(session, source, search) : [], total);
      };
      return calls.snapshot(read, toPage<Stored<E>>(request, [], 0), options);
    },
    scan: async function* (filter, options) {
      const rowFilter = toRowFilter(source, filter);
      let after: string | number | undefined;
      let isMore = true;
      while (isMore) {
        const request = { filter: rowFilter, after, limit: SCAN_ROWS };
        const rows = await calls.read(async (session) => readRowsAfter(session, source, request), [], options);
        const last = rows.at(-1);
        after = last === undefined ? undefined : checkEntityId(definition, last[definition.key]);
        isMore = rows.length === SCAN_ROWS;
        yield* rows;
      }
    },
    exists: async (id, options) => {
      const checked = checkId(id);
      return calls.read(async (session) => (await readVersion(session, source, checked)) !== undefined, false, options);
    },
    count: async (filter = {}, options) => {
      const rowFilter = toRowFilter(source, filter);
      return calls.read(async (session) => countRows(session, source, rowFilter), 0, options);
    },
  };
}

function createWrites<E extends object, I>(
  definition: EntityDefinition<E, I>,
  source: RowSource<E>,
  calls: RunCalls,
): Pick<Repository<E, I>, 'add' | 'addMany' | 'update' | 'delete'> {
  const { name, columns } = definition;
  const keyColumn = source.key.column;
  const addMany: Repository<E, I>['addMany'] = async (entities, options) => {
    const values = checkList(entities, 'entities').map((entity) => toEntity(definition, entity).value);
    const rows = values.map((value) => ({ ...toCells(columns, value), version: 1 }));
    const size = Math.max(1, Math.min(MAX_INSERT_ROWS, Math.floor(MAX_VALUES / (columns.length + 1))));
    await calls.write(async ({ db }) => {
      for (let start = 0; start < rows.length; start += size) {
        await db
          .insertInto(source.table)
          .values(rows.slice(start, start + size))
          .execute();
      }
    }, options);
    return values.map((value) => toStored(definition, value, 1));
  };
  return {
    addMany,
    add: async (entity, options) => {
      const [added] = await addMany([entity], options);
      if (added === undefined) {
        throw new Error('one entity that is added gives one');
      }
      return added;
    },
    update: async (stored, options) => {
      const { value: entity, version } = splitStored<E>(stored);
      const { id, value } = toEntity(definition, entity);
      return calls.write(async (session) => {
        const found = await readVersion(session, source, id);
        if (found !== version) {
          throw toRefusal(`${name} "${id}"`, found, version);
        }
        const cells = { ...toCells(columns, value), version: found + 1 };
        await session.db.updateTable(source.table).set(cells).where(keyColumn, '=', id).execute();
        return toStored(definition, value, found + 1);
      }, options);
    },
    delete: async (id, options) => {
      const checked = checkEntityId(definition, id);
      const version = options?.version === undefined ? undefined : checkVersion(options.version);
      return calls.write(async (session) => {
        const found = await readVersion(session, source, checked);
        if (found === undefined) {
          return false;
        }
        if (version !== undefined && found !== version) {
          throw toRefusal(`${name} "${checked}"`, found, version);
        }
        await session.db.deleteFrom(source.table).where(keyColumn, '=', checked).execute();
        return true;
      }, options);
    },
  };
}
