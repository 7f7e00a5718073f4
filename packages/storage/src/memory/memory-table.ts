import { listUniqueValues } from '../checks/unique-values.ts';
import { StorageError } from '../storage-error.ts';

/** What is written: checked, and shared with no caller. */
export interface NewRow {
  readonly id: string | number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** What a table keeps. Never changed, only replaced. */
export interface MemoryRow extends NewRow {
  readonly version: number;
}

/** The steps that take changes back, in the order of the changes. */
export type Journal = (() => void)[];

/** Takes back the changes that a journal holds beyond its first `kept` steps, and forgets them. */
export function undoTo(kept: number, journal: Journal): void {
  while (journal.length > kept) {
    journal.pop()?.();
  }
}

/** The rows of one entity or kind of document. Calls are synchronous, so each is atomic; writes note how to undo them. */
export interface MemoryTable {
  get(id: string | number): MemoryRow | undefined;
  rows(): Iterable<MemoryRow>;
  /** Adds a row. `ALREADY_EXISTS` when its key or a unique value is taken. */
  add(row: NewRow, journal: Journal): MemoryRow;
  /** Adds all rows or none. `ALREADY_EXISTS` as with `add`, also among them. */
  addAll(rows: readonly NewRow[], journal: Journal): MemoryRow[];
  /** `NOT_FOUND`, then `VERSION_CONFLICT` unless `version` is undefined, then `ALREADY_EXISTS`. */
  replace(row: NewRow, version: number | undefined, journal: Journal): MemoryRow;
  /** Says whether there was a row. `VERSION_CONFLICT` when `version` is given and another. */
  delete(id: string | number, version: number | undefined, journal: Journal): boolean;
}

/**
 * Creates an empty table.
 *
 * @param name what to call it in messages.
 * @param uniques each a list of paths whose values together are taken at most once.
 */
export function createMemoryTable(name: string, uniques: readonly (readonly string[])[]): MemoryTable {
  const rows = new Map<string | number, MemoryRow>();
  const owners = new Map<string, string | number>();

  const put = (id: string | number, row: MemoryRow | undefined, journal: Journal) => {
    const before = rows.get(id);
    for (const { text } of listUniqueValues(before?.value, uniques)) {
      owners.delete(text);
    }
    for (const { text } of listUniqueValues(row?.value, uniques)) {
      owners.set(text, id);
    }
    if (row === undefined) {
      rows.delete(id);
    } else {
      rows.set(id, row);
    }
    journal.push(() => put(id, before, []));
  };
  const write = (row: NewRow, version: number, journal: Journal) => {
    for (const unique of listUniqueValues(row.value, uniques)) {
      const owner = owners.get(unique.text);
      if (owner !== undefined && owner !== row.id) {
        throw taken(`The value of ${unique.name} in ${name} "${row.id}" is taken by "${owner}".`);
      }
    }
    const written = { id: row.id, value: row.value, version };
    put(row.id, written, journal);
    return written;
  };
  const add = (row: NewRow, journal: Journal) => {
    if (rows.has(row.id)) {
      throw taken(`Another ${name} has the key "${row.id}"; replace it or use another key.`);
    }
    return write(row, 1, journal);
  };

  return {
    get: (id) => rows.get(id),
    rows: () => rows.values(),
    add,
    addAll: (added, journal) => {
      const kept = journal.length;
      try {
        return added.map((row) => add(row, journal));
      } catch (error) {
        undoTo(kept, journal);
        throw error;
      }
    },
    replace: (row, version, journal) => {
      const current = rows.get(row.id);
      if (current === undefined) {
        throw new StorageError('NOT_FOUND', `There is no ${name} "${row.id}"; it was deleted or never added.`);
      }
      requireVersion(name, current, version);
      return write(row, current.version + 1, journal);
    },
    delete: (id, version, journal) => {
      const current = rows.get(id);
      if (current === undefined) {
        return false;
      }
      requireVersion(name, current, version);
      put(id, undefined, journal);
      return true;
    },
  };
}

function requireVersion(name: string, current: MemoryRow, version: number | undefined): void {
  if (version !== undefined && version !== current.version) {
    throw new StorageError(
      'VERSION_CONFLICT',
      `The ${name} "${current.id}" is at version ${current.version}, not ${version}; read it again.`,
    );
  }
}

function taken(message: string): StorageError {
  return new StorageError('ALREADY_EXISTS', message);
}
