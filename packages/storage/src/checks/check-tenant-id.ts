import { StorageError } from '../storage-error.ts';

const TENANT_ID = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Checks the id of a tenant; see `RelationalStore.tenant` for the form. `INVALID` otherwise. */
export function checkTenantId(id: string): string {
  if (typeof id !== 'string' || !TENANT_ID.test(id)) {
    const rule = 'use 1 to 63 characters of a-z 0-9 -, starting and ending with a letter or digit';
    throw new StorageError('INVALID', `${JSON.stringify(id)} is no id of a tenant: ${rule}.`);
  }
  return id;
}
