import { type DocumentDefinition, readPath, StorageError, type Stored } from '@sorcha/storage';
import { type CheckedDocument, toStored } from '@sorcha/storage/provider';
import { fromStoredName, hasSpecialName, renameMembers, toStoredName } from './member-names.ts';

/** A document as MongoDB keeps it. */
export interface StoredDocument {
  /** The key. */
  readonly _id: string;
  readonly version: number;
  /** The document itself. */
  readonly doc: object;
  /** Whether members of `doc` are kept under other names (member-names.ts). Absent when none are. */
  readonly renamed?: true;
  /** The scalars at the unique paths, by {@link toUniqueName}; absent when the definition has no unique paths. */
  readonly unique?: Readonly<Record<string, UniqueScalar>>;
}

type UniqueScalar = string | number | boolean;

/** What a document consists of beside its key and version. */
export type StoredContent = Omit<StoredDocument, '_id' | 'version'>;

/** The name of the member of `unique` for a path, which has letters, digits, `_` and `-` between its dots. */
export function toUniqueName(path: string): string {
  return path.replaceAll('.', ':');
}

/** What is kept of a document. */
export function toContent<D, I>({ unique }: DocumentDefinition<D, I>, { value }: CheckedDocument): StoredContent {
  const isRenamed = hasSpecialName(value);
  return {
    doc: isRenamed ? toObject(renameMembers(value, toStoredName)) : value,
    ...(isRenamed ? { renamed: true } : {}),
    ...(unique.length === 0 ? {} : { unique: listScalars(unique, value) }),
  };
}

/** Only scalars are ever equal; arrays on the way or at the end are none. */
function listScalars(unique: readonly string[], value: object): Readonly<Record<string, UniqueScalar>> {
  const entries = unique.flatMap((path): [string, UniqueScalar][] => {
    const scalar = readPath(value, path.split('.'));
    const isScalar = typeof scalar === 'string' || typeof scalar === 'number' || typeof scalar === 'boolean';
    return isScalar ? [[toUniqueName(path), scalar]] : [];
  });
  return Object.fromEntries(entries);
}

/** The document in what was read. `CORRUPTED` when there is none: another program wrote it. */
export function readDocument(found: object): object {
  const doc: unknown = 'doc' in found ? found.doc : undefined;
  if (typeof doc !== 'object' || doc === null || Array.isArray(doc)) {
    const advice = 'another program wrote it; remove it, or restore it from a copy';
    throw new StorageError('CORRUPTED', `The document ${nameOf(found)} has no object in its member "doc": ${advice}.`);
  }
  return 'renamed' in found ? toObject(renameMembers(doc, fromStoredName)) : doc;
}

/** The version of what was read. `CORRUPTED` when it is none. */
export function readVersion(found: object): number {
  const version: unknown = 'version' in found ? found.version : undefined;
  if (typeof version !== 'number' || !Number.isSafeInteger(version)) {
    throw new StorageError(
      'CORRUPTED',
      `The document ${nameOf(found)} has no version that a store writes; restore it from a copy.`,
    );
  }
  return version;
}

function nameOf(found: { readonly _id?: unknown }): string {
  const { _id: id } = found;
  return JSON.stringify(id) ?? 'without a key';
}

/** What a store returns for what was read. */
export function fromStoredDocument<D, I>(definition: DocumentDefinition<D, I>, found: object): Stored<D> {
  return toStored(definition, readDocument(found), readVersion(found));
}

function toObject(value: unknown): object {
  if (typeof value !== 'object' || value === null) {
    throw new TypeError('an object with other names is an object');
  }
  return value;
}
