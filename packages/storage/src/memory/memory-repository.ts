import { checkList } from '../checks/check-list.ts';
import { checkVersion, splitStored } from '../checks/to-document.ts';
import { checkEntityId, toEntity } from '../checks/to-entity.ts';
import { toPage, toPageBounds } from '../checks/to-page.ts';
import { toStored } from '../checks/to-stored.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { Repository } from '../ports/repository.ts';
import type { EntityDefinition } from '../schema/define-entity.ts';
import { toRowTest, toSearch } from './memory-query.ts';
import type { Journal, MemoryRow, MemoryTable } from './memory-table.ts';

/** Runs a call at its turn; writes note in the journal how to undo them. */
export type RunCall = <T>(call: (journal: Journal) => T, options: CallOptions | undefined) => Promise<T>;

/** Creates the repository of one table. Arguments are checked and copied before a call waits for its turn. */
export function createMemoryRepository<E extends object, I>(
  definition: EntityDefinition<E, I>,
  table: MemoryTable,
  run: RunCall,
): Repository<E, I> {
  const checkId = (id: string | number) => checkEntityId(definition, id);
  const toRow = (entity: E | I) => toEntity(definition, entity);
  const toResult = (row: MemoryRow) => toStored(definition, structuredClone(row.value), row.version);
  const read = (id: string | number) => {
    const row = table.get(id);
    return row === undefined ? undefined : toResult(row);
  };
  return {
    get: async (id, options) => {
      const checked = checkId(id);
      return run(() => read(checked), options);
    },
    find: async (filter, options) => {
      const search = toSearch(definition, { ...options, filter });
      return run(() => search(table).map(toResult), options);
    },
    page: async (request, options) => {
      const { skip, limit } = toPageBounds(request);
      const { filter = {}, orderBy } = request;
      const search = toSearch(definition, { filter, orderBy });
      return run(() => {
        const found = search(table);
        return toPage(request, found.slice(skip, skip + limit).map(toResult), found.length);
      }, options);
    },
    scan: async function* (filter, options) {
      const matches = toRowTest(definition, filter);
      const search = toSearch(definition, { filter });
      const ids = await run(() => search(table).map(({ id }) => id), options);
      for (const id of ids) {
        const row = await run(() => table.get(id), options);
        if (row !== undefined && matches(row)) {
          yield toResult(row);
        }
      }
    },
    add: async (entity, options) => {
      const row = toRow(entity);
      return run((journal) => toResult(table.add(row, journal)), options);
    },
    addMany: async (entities, options) => {
      const rows = checkList(entities, 'entities').map(toRow);
      return run((journal) => table.addAll(rows, journal).map(toResult), options);
    },
    update: async (stored, options) => {
      const { value, version } = splitStored<E>(stored);
      const row = toRow(value);
      return run((journal) => toResult(table.replace(row, version, journal)), options);
    },
    delete: async (id, options) => {
      const checked = checkId(id);
      const version = options?.version === undefined ? undefined : checkVersion(options.version);
      return run((journal) => table.delete(checked, version, journal), options);
    },
    exists: async (id, options) => {
      const checked = checkId(id);
      return run(() => table.get(checked) !== undefined, options);
    },
    count: async (filter = {}, options) => {
      const matches = toRowTest(definition, filter);
      return run(() => [...table.rows()].filter(matches).length, options);
    },
  };
}
