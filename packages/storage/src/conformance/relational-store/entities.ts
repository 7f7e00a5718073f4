import { z } from 'zod';
import type { RelationalStore } from '../../ports/relational-store.ts';
import type { Repository } from '../../ports/repository.ts';
import { defineEntity, type EntityDefinition } from '../../schema/define-entity.ts';
import type { Fact } from '../create-fact.ts';
import type { OpenedStore } from '../opened-store.ts';

/** An entity with a column of every type, absent or null where a column can be. */
export interface Part {
  id: string;
  name?: string | undefined;
  size?: number | undefined;
  weight: number | null;
  isSpare?: boolean | undefined;
  made?: Date | undefined;
  checked: Date | null;
  details?: unknown;
  code?: string | undefined;
  shelf?: string | undefined;
  place?: number | undefined;
}

/** Declares a {@link Part}: `code` is unique, `shelf` and `place` are together. */
export const part: EntityDefinition<Part> = defineEntity({
  name: 'part',
  schema: z.object({
    id: z.string(),
    name: z.string().optional(),
    size: z.int().optional(),
    weight: z.number().nullable(),
    isSpare: z.boolean().optional(),
    made: z.date().optional(),
    checked: z.date().nullable(),
    details: z.unknown().optional(),
    code: z.string().optional(),
    shelf: z.string().optional(),
    place: z.int().optional(),
  }),
  key: 'id',
  indexes: [['name'], ['size', 'made']],
  unique: [['code'], ['shelf', 'place']],
});

/** An entity whose key is a number. */
export interface Account {
  id: number;
  sum: number;
}

/** Declares an {@link Account}. */
export const account: EntityDefinition<Account> = defineEntity({
  name: 'account',
  schema: z.object({ id: z.int(), sum: z.int() }),
  key: 'id',
});

/** Declares a fact about a store of parts and accounts. */
export type RelationalFact = Fact<OpenedStore<RelationalStore>>;

/** A part with nothing but what is required. */
export function createPart(id: string, members: Partial<Omit<Part, 'id'>> = {}): Part {
  return { id, weight: null, checked: null, ...members };
}

/** The keys of all parts, ascending. */
export async function listIds(store: RelationalStore): Promise<string[]> {
  return idsOf(await store.repository(part).find({}));
}

/** The keys of parts, in their order. */
export function idsOf(parts: readonly Part[]): string[] {
  return parts.map(({ id }) => id);
}

/** Reads what a scan yields. */
export async function scanAll(parts: Repository<Part>, ...args: Parameters<Repository<Part>['scan']>): Promise<Part[]> {
  return Array.fromAsync(parts.scan(...args));
}
