import type { DocumentDefinition } from '@sorcha/storage';
import { z } from 'zod';
import { refuseTable, type TablePlace } from './refuse-table.ts';

/** The tables of a kind of document. */
export interface DocumentTables {
  /** `id`, `version` and `body`, the exact text of the document. */
  readonly documents: string;
  /** The unique values that are taken: `value`, and the `id` of the document that has it. */
  readonly taken: string;
}

/** The names of the tables of a kind of document. */
export function toDocumentTables(name: string): DocumentTables {
  return { documents: `document_${name}`, taken: `unique_${name}` };
}

const declarationSchema = z.object({ key: z.string(), unique: z.array(z.string()) });

/** What is kept of a document's definition beside its tables. */
export type DocumentDeclaration = z.output<typeof declarationSchema>;

/** What is to be kept of a definition. */
export function toDocumentDeclaration<D, I>({ key, unique }: DocumentDefinition<D, I>): DocumentDeclaration {
  return { key, unique: [...new Set(unique)].sort() };
}

/**
 * Checks that tables were made for what is declared; nothing about them ever changes.
 *
 * @param recorded what is kept of the definition that they were made for.
 * @throws StorageError `INCOMPATIBLE_SERVER` for every difference.
 */
export function checkDocumentDeclaration(declared: DocumentDeclaration, recorded: unknown, place: TablePlace): void {
  const found = declarationSchema.safeParse(recorded);
  if (!found.success) {
    throw refuseTable(place, 'has a record of another version of this software; use that one');
  }
  const advice = 'declare it so, or copy the documents to a new kind';
  if (found.data.key !== declared.key) {
    throw refuseTable(place, `has the key "${found.data.key}", not "${declared.key}"; ${advice}`);
  }
  const [was, is] = [found.data.unique, declared.unique].map((paths) => paths.join(', ') || 'none');
  if (was !== is) {
    throw refuseTable(place, `has the unique paths ${was}, not ${is}; ${advice}`);
  }
}
