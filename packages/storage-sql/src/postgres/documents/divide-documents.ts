import type { CheckedDocument } from '@sorcha/storage/provider';

/** How many documents one statement inserts, and about how many characters. */
const INSERT_DOCUMENTS = 1_000;
const INSERT_CHARACTERS = 4_000_000;

/** Divides documents into as many as one statement takes, at least one each. */
export function divideDocuments(documents: readonly CheckedDocument[]): CheckedDocument[][] {
  const batches: CheckedDocument[][] = [];
  let characters = 0;
  for (const document of documents) {
    const last = batches.at(-1);
    characters += JSON.stringify(document.value).length;
    if (last === undefined || last.length >= INSERT_DOCUMENTS || characters > INSERT_CHARACTERS) {
      batches.push([document]);
      characters = 0;
    } else {
      last.push(document);
    }
  }
  return batches;
}
