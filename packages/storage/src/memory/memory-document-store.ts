import { checkList } from '../checks/check-list.ts';
import { requireOption } from '../checks/check-options.ts';
import { checkSignal } from '../checks/check-signal.ts';
import { checkDocumentId, checkVersion, splitStored, toDocument } from '../checks/to-document.ts';
import { toStored } from '../checks/to-stored.ts';
import type { Filter } from '../filter/filter.ts';
import type { CallOptions } from '../ports/call-options.ts';
import type { DocumentStore } from '../ports/document-store.ts';
import type { DocumentDefinition } from '../schema/define-document.ts';
import { StorageError } from '../storage-error.ts';
import { toMemoryHealth } from './memory-health.ts';
import { toRowTest, toSearch } from './memory-query.ts';
import { createMemoryTable, type MemoryRow } from './memory-table.ts';

/** Options of {@link createMemoryDocumentStore}. */
export interface MemoryDocumentOptions<D, I = D> {
  readonly definition: DocumentDefinition<D, I>;
}

/**
 * Creates a document store in the memory of this process, for tests and throw-away data: nothing is durable.
 *
 * @throws StorageError `INVALID` without a definition.
 */
export function createMemoryDocumentStore<D extends object, I = D>(
  options: MemoryDocumentOptions<D, I>,
): DocumentStore<D, I> {
  const { definition } = requireOption(options, 'definition');
  const { name, key } = definition;
  const table = createMemoryTable(
    name,
    definition.unique.map((path) => [path]),
  );
  let isClosed = false;
  /** What every call checks first. */
  const run = <T>(call: CallOptions | undefined, work: () => T): T => {
    if (isClosed) {
      throw new StorageError('CLOSED', `The store of "${name}" is closed; open it again.`);
    }
    checkSignal(call);
    return work();
  };
  const toRow = (document: D | I) => toDocument(definition, document);
  const toResult = (row: MemoryRow) => toStored(definition, structuredClone(row.value), row.version);
  const checkId = (id: string) => checkDocumentId(id, `${name}.${key}`);
  const read = (id: string) => {
    const row = table.get(checkId(id));
    return row === undefined ? undefined : toResult(row);
  };
  const matching = (filter: Filter<D>) => [...table.rows()].filter(toRowTest(definition, filter));
  return {
    provider: 'memory',
    get: async (id, call) => run(call, () => read(id)),
    getMany: async (ids, call) => run(call, () => checkList(ids, 'ids').map(read)),
    find: async (filter, call) => run(call, () => toSearch(definition, { ...call, filter })(table).map(toResult)),
    insert: async (document, call) => run(call, () => toResult(table.add(toRow(document), []))),
    insertMany: async (documents, call) =>
      run(call, () => table.addAll(checkList(documents, 'documents').map(toRow), []).map(toResult)),
    replace: async (stored, call) =>
      run(call, () => {
        const { value, version } = splitStored<D>(stored);
        return toResult(table.replace(toRow(value), version, []));
      }),
    upsert: async (document, call) =>
      run(call, () => {
        const row = toRow(document);
        const isNew = table.get(row.id) === undefined;
        return toResult(isNew ? table.add(row, []) : table.replace(row, undefined, []));
      }),
    delete: async (id, call) =>
      run(call, () => {
        const version = call?.version === undefined ? undefined : checkVersion(call.version);
        return table.delete(checkId(id), version, []);
      }),
    deleteMany: async (filter, call) =>
      run(call, () => matching(filter).filter((row) => table.delete(row.id, row.version, [])).length),
    count: async (filter = {}, call) => run(call, () => matching(filter).length),
    exists: async (id, call) => run(call, () => table.get(checkId(id)) !== undefined),
    health: async () => toMemoryHealth(isClosed),
    close: async () => {
      isClosed = true;
    },
  };
}
