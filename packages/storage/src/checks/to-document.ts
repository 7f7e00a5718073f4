import { isDataObject } from '../filter/data-object.ts';
import type { JsonObject, JsonValue } from '../json-value.ts';
import type { DocumentDefinition } from '../schema/define-document.ts';
import { StorageError } from '../storage-error.ts';
import { checkName } from './check-text.ts';
import { copyJson } from './copy-json.ts';

const MAX_ID_LENGTH = 255;

/** A document that was checked and can be written as it is. */
export interface CheckedDocument {
  readonly id: string;
  /** A copy that shares nothing with the caller's. */
  readonly value: JsonObject;
}

/** Checks a document against its definition and copies it. `INVALID` names the path of what is wrong. */
export function toDocument<D, I>(definition: DocumentDefinition<D, I>, input: D | I): CheckedDocument {
  const { name, key } = definition;
  // Checked first as JSON: what a schema makes of hostile values is not to be relied on.
  const parsed = definition.parse(copyJson(input, name));
  const value = copyJson(parsed, name);
  if (!isJsonObject(value)) {
    throw new StorageError('INVALID', `What is written as ${name} must be an object.`);
  }
  if (Object.hasOwn(value, 'version')) {
    throw new StorageError('INVALID', `${name}.version is taken by the stores; rename the member.`);
  }
  return { id: checkDocumentId(value[key], `${name}.${key}`), value };
}

function isJsonObject(value: JsonValue): value is JsonObject {
  return isDataObject(value);
}

/** Checks a key of a document: 1 to 255 characters without control characters. `INVALID` otherwise. */
export function checkDocumentId(id: unknown, what: string): string {
  return checkName(id, what, MAX_ID_LENGTH);
}

/** Divides what a store returned earlier into the document and its version. `INVALID` when the version is no version. */
export function splitStored<D extends object>(stored: D & { readonly version: number }): { value: D; version: number } {
  if (!isDataObject(stored)) {
    throw new StorageError('INVALID', 'What replaces something must be an object; hand back what was read, changed.');
  }
  const { version, ...value } = stored;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the version is what a store adds to a D
  return { value: value as unknown as D, version: checkVersion(version) };
}

/** Checks a version: a whole number from 1. `INVALID` otherwise. */
export function checkVersion(version: number): number {
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new StorageError('INVALID', `The version ${String(version)} is refused; hand back the one that was read.`);
  }
  return version;
}
