import { type DocumentStore, defineDocument } from '@sorcha/storage';
import { z } from 'zod';

/** So many docket hashes are in one document: it stays small, and a step of one docket writes one. */
export const HASHES_PER_DOCUMENT = 256;
/** So many announced hashes are in one document. */
export const ANNOUNCED_PER_DOCUMENT = 1_000;

const wholeNumber = z.int().min(0);

/** The newest head of each register. */
export const anchorHeads = defineDocument({
  name: 'anchor_heads',
  key: 'registerId',
  schema: z.strictObject({ registerId: z.string(), note: z.string(), size: wholeNumber }),
});

/** The docket hashes of a register, `HASHES_PER_DOCUMENT` in each document: `<register>/<number>`, base64 of 32 bytes each. */
export const anchorHashes = defineDocument({
  name: 'anchor_hashes',
  key: 'id',
  schema: z.strictObject({ id: z.string(), registerId: z.string(), number: wholeNumber, hashes: z.base64() }),
  indexes: ['registerId'],
});

/** What was announced, and is not yet known to be covered by a head: consecutive heights up to `lastHeight`. */
export const anchorAnnouncements = defineDocument({
  name: 'anchor_announcements',
  key: 'id',
  schema: z.strictObject({
    id: z.string(),
    registerId: z.string(),
    lastHeight: wholeNumber,
    hashes: z.array(z.string()).min(1).max(ANNOUNCED_PER_DOCUMENT),
  }),
  indexes: ['registerId'],
});

type StoreOf<T> = T extends { parse(input: unknown): infer D } ? DocumentStore<D & object> : never;

/** Where the documents of an anchor store are kept: outside of cold storage. */
export interface AnchorDocumentStores {
  readonly heads: StoreOf<typeof anchorHeads>;
  readonly hashes: StoreOf<typeof anchorHashes>;
  readonly announcements: StoreOf<typeof anchorAnnouncements>;
}
