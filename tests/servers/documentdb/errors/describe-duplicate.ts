import { BSON } from 'mongodb';
import { decodeExactly } from '../bson/encode-document.ts';
import type { Engine } from '../engine/open-engine.ts';

/** What MongoDB says of a value that a unique index has already. */
export interface Duplicate {
  readonly errmsg: string;
  readonly keyPattern?: Readonly<Record<string, unknown>>;
  readonly keyValue?: Readonly<Record<string, unknown>>;
}

/** Where the value was to be written. */
export interface DuplicatePlace {
  readonly database: string;
  readonly collection: string;
  /** By the name of the index, or by the name of PostgreSQL's constraint that stands for it. */
  readonly index: { readonly name: string } | { readonly constraint: string };
  /** The document that was to be written, when it is known. */
  readonly document?: Readonly<Record<string, unknown>> | undefined;
}

const FIND_INDEX = {
  name: 'find-index',
  text: `SELECT (index_spec).index_name AS name, (index_spec).index_key::bytea AS key
    FROM documentdb_api_catalog.collection_indexes JOIN documentdb_api_catalog.collections USING (collection_id)
    WHERE database_name = $1 AND collection_name = $2 AND ((index_spec).index_name = $3 OR index_id = $4)`,
};

/** Asks which fields the index has, and words the error as MongoDB does. */
export async function describeDuplicate(engine: Engine, place: DuplicatePlace): Promise<Duplicate> {
  const { database, collection, index, document } = place;
  const [name, id] = 'name' in index ? [index.name, -1] : [undefined, indexId(index.constraint)];
  const rows = await engine.use((connection) => connection.run(FIND_INDEX, [database, collection, name ?? '_id_', id]));
  const row = rows.find((each) => each['name'] === name) ?? rows.find((each) => each['name'] !== '_id_') ?? rows[0];
  const prefix = `E11000 duplicate key error collection: ${database}.${collection} index: ${name ?? String(row?.['name'])}`;
  const key = row?.['key'];
  if (!Buffer.isBuffer(key)) {
    return { errmsg: prefix };
  }
  const keyPattern = decodeExactly(key);
  if (document === undefined) {
    return { errmsg: prefix, keyPattern };
  }
  const keyValue = Object.fromEntries(Object.keys(keyPattern).map((path) => [path, valueAt(document, path) ?? null]));
  return { errmsg: `${prefix} dup key: ${BSON.EJSON.stringify(keyValue)}`, keyPattern, keyValue };
}

/** `documents_rum_index_16` stands for the index 16; other names for the one of the primary key. */
function indexId(constraint: string): number {
  return Number(/_index_(\d+)$/.exec(constraint)?.[1] ?? -1);
}

function valueAt(document: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined,
      document,
    );
}
