import { createHash } from 'node:crypto';
import { StorageError } from '@sorcha/storage';

/** PostgreSQL cuts longer names off, in bytes. */
const MAX_NAME_BYTES = 63;

const SCHEMA_NAME = /^(?!pg_)[a-z][a-z0-9_]{0,39}$/u;

/** Checks the name of the schema that a store keeps its tables in. `INVALID` otherwise. */
export function checkSchemaName(name: string): string {
  if (typeof name !== 'string' || !SCHEMA_NAME.test(name)) {
    const rule = 'use 1 to 40 characters of a-z 0-9 _, starting with a letter and not with pg_';
    throw new StorageError('INVALID', `${JSON.stringify(name)} cannot be the schema of a store: ${rule}.`);
  }
  return name;
}

/**
 * The schema of a tenant: never that of another one. `:` stands in no schema of a store and in no id, `~` in none either; a
 * name that would be cut off ends with the hash of the whole.
 *
 * @param tenant an id that `checkTenantId` accepts.
 */
export function toTenantSchema(schema: string, tenant: string): string {
  return fitName(`${schema}:${tenant}`);
}

/** A name that PostgreSQL keeps whole: the name itself, or its start and a hash of all of it. */
export function fitName(name: string): string {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) {
    return name;
  }
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 24);
  // Names of definitions, members and tenants are ASCII, so a character is a byte.
  return `${name.slice(0, MAX_NAME_BYTES - hash.length - 1)}~${hash}`;
}
