import { z } from 'zod';
import type { JsonValue } from '../../json-value.ts';
import type { DocumentStore } from '../../ports/document-store.ts';
import { type DocumentDefinition, defineDocument } from '../../schema/define-document.ts';
import type { Fact } from '../create-fact.ts';
import type { OpenedStore } from '../opened-store.ts';

/** The document that most facts are about: anything may stand in it. */
export interface Specimen {
  readonly id: string;
  readonly group?: string | undefined;
  readonly [member: string]: unknown;
}

/** Declares what is indexed and unique in a {@link Specimen}. */
export const specimen: DocumentDefinition<Specimen> = defineDocument({
  name: 'specimen',
  schema: z.looseObject({ id: z.string(), group: z.string().optional() }),
  key: 'id',
  indexes: ['group', 'a', 'a.b', 'place.city'],
  unique: ['code', 'owner.email'],
});

/** Declares a fact about a store of specimens. */
export type SpecimenFact = Fact<OpenedStore<DocumentStore<Specimen>>>;

const values: readonly (readonly [id: string, a: JsonValue | undefined])[] = [
  ['absent', undefined],
  ['false', false],
  ['list-empty', []],
  ['list-nested', [[1], [[2]]]],
  ['list-null', [null]],
  ['list-numbers', [1, 2]],
  ['list-objects', [{ b: 1, c: 1 }, { b: 2 }, 5]],
  ['list-texts', ['b', 'x']],
  ['null', null],
  ['number-0', 0],
  ['number-1', 1],
  ['number-2', 2],
  ['number-big', 9_007_199_254_740_991],
  ['number-half', 0.5],
  ['number-negative', -3],
  ['object', { b: 1 }],
  ['object-deep', { b: { c: [5, { d: 6 }] } }],
  ['object-empty', {}],
  ['object-more', { c: 2, b: 1 }],
  ['object-null', { b: null }],
  ['text-1', '1'],
  ['text-astral', '\u{10000}'],
  ['text-b', 'b'],
  ['text-bc', 'bc'],
  ['text-capital', 'B'],
  ['text-date', '2026-01-01T00:00:00.000Z'],
  ['text-empty', ''],
  ['text-private', '\uffff'],
  ['text-quote', "'; drop table x; --"],
  ['text-wildcards', 'b%_*'],
  ['true', true],
];

/** Documents with values of every type at `a`, by key. */
export const catalogue: readonly Specimen[] = Array.from(values, ([id, a], index) => {
  const document = { id, n: index % 3 };
  return a === undefined ? document : { ...document, a };
});

/** The keys of documents, in their order. */
export function idsOf(documents: readonly { readonly id: string }[]): string[] {
  return documents.map(({ id }) => id);
}
