import type { DocumentDefinition } from '@sorcha/storage';
import { type CheckedDocument, listUniqueValues } from '@sorcha/storage/provider';
import type { Kysely } from 'kysely';
import { toDocumentTables } from '../../schema/document-declaration.ts';
import type { CellTables } from '../rows/session.ts';

/** How many rows one statement inserts. */
const INSERT_ROWS = 100;

/** Writes documents and the unique values that they take, within a transaction. */
export interface DocumentWriter {
  /** `ALREADY_EXISTS` when a key or unique value is taken, also among them. */
  insertAll(documents: readonly CheckedDocument[]): Promise<void>;
  /** Puts a document in the place of the one with its key. `ALREADY_EXISTS` when a unique value is taken by another. */
  replace(document: CheckedDocument, version: number): Promise<void>;
  delete(id: string): Promise<void>;
}

/** Creates the writer of a kind of document on a connection that is in a transaction. */
export function createDocumentWriter<D, I>(
  db: Kysely<CellTables>,
  definition: DocumentDefinition<D, I>,
): DocumentWriter {
  const { documents: table, taken } = toDocumentTables(definition.name);
  const uniques = definition.unique.map((path) => [path]);
  const take = async (documents: readonly CheckedDocument[]) => {
    const rows = documents.flatMap(({ id, value }) => {
      // A path that is declared twice gives the same text twice.
      const texts = new Set(listUniqueValues(value, uniques).map(({ text }) => text));
      return [...texts].map((text) => ({ value: text, id }));
    });
    for (let start = 0; start < rows.length; start += INSERT_ROWS) {
      await db
        .insertInto(taken)
        .values(rows.slice(start, start + INSERT_ROWS))
        .execute();
    }
  };
  return {
    insertAll: async (documents) => {
      for (let start = 0; start < documents.length; start += INSERT_ROWS) {
        const rows = documents
          .slice(start, start + INSERT_ROWS)
          .map(({ id, value }) => ({ id, version: 1, body: JSON.stringify(value) }));
        await db.insertInto(table).values(rows).execute();
      }
      await take(documents);
    },
    replace: async (document, version) => {
      await db.deleteFrom(taken).where('id', '=', document.id).execute();
      const cells = { version, body: JSON.stringify(document.value) };
      await db.updateTable(table).set(cells).where('id', '=', document.id).execute();
      await take([document]);
    },
    // The unique values go with it.
    delete: async (id) => {
      await db.deleteFrom(table).where('id', '=', id).execute();
    },
  };
}
