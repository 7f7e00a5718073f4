import type { DocumentStore } from '../../ports/document-store.ts';
import type { DocumentDefinition } from '../../schema/define-document.ts';
import type { Durability, OpenedDurableStore, OpenedStore } from '../opened-store.ts';

/** A provider of `DocumentStore`, for its conformance suite. */
export type DocumentProvider = {
  /** Names the suite in the report: `memory`, `sqlite`, ... */
  readonly name: string;
} & Durability<
  <D extends object>(definition: DocumentDefinition<D>) => Promise<OpenedStore<DocumentStore<D>>>,
  <D extends object>(definition: DocumentDefinition<D>) => Promise<OpenedDurableStore<DocumentStore<D>>>
>;
