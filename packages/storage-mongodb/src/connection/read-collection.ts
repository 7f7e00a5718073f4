import { z } from 'zod';
import type { CallEnd } from './deadline.ts';
import type { MongoDatabase } from './mongo-database.ts';
import { isAlreadyMade } from './to-storage-error.ts';

const indexSchema = z.looseObject({
  name: z.string(),
  key: z.record(z.string(), z.unknown()),
  unique: z.boolean().default(false),
});

/** An index as the server describes it. */
export type FoundIndex = z.output<typeof indexSchema>;

/** An index as it is declared. */
export interface DeclaredIndex {
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly unique: boolean;
  readonly partialFilterExpression?: Readonly<Record<string, unknown>>;
}

/** Says whether an index is the one that was declared under its name. */
export function isAsDeclared(found: FoundIndex, declared: DeclaredIndex): boolean {
  const partial = found['partialFilterExpression'];
  return (
    found.unique === declared.unique &&
    JSON.stringify(found.key) === JSON.stringify(declared.key) &&
    JSON.stringify(partial) === JSON.stringify(declared.partialFilterExpression) &&
    found['collation'] === undefined &&
    found['sparse'] !== true
  );
}

/** A collection as it was found. */
export interface FoundCollection {
  /** Whether it is something else than a plain collection with binary order. */
  readonly isForeign: boolean;
  readonly indexes: readonly FoundIndex[];
  readonly validator: Readonly<Record<string, unknown>> | undefined;
  /** How the validator is applied; strictly and as an error unless it says otherwise. */
  readonly isStrict: boolean;
}

const entrySchema = z.looseObject({
  type: z.string().default('collection'),
  options: z
    .looseObject({
      capped: z.boolean().default(false),
      collation: z.unknown().optional(),
      validator: z.record(z.string(), z.unknown()).optional(),
      validationLevel: z.string().default('strict'),
      validationAction: z.string().default('error'),
    })
    .prefault({}),
});

/** Reads what a collection is; `undefined` when there is none. */
export async function readCollection(
  database: MongoDatabase,
  name: string,
  end?: CallEnd,
): Promise<FoundCollection | undefined> {
  const { db } = database;
  return database.readAll(async (options) => {
    const [entry] = await db.listCollections({ name }, options).toArray();
    if (entry === undefined) {
      return undefined;
    }
    const { type, options: found } = entrySchema.parse(entry);
    const isForeign = type !== 'collection' || found.capped || found.collation !== undefined;
    const indexes = isForeign ? [] : await db.collection(name).listIndexes(options).toArray();
    return {
      isForeign,
      indexes: indexes.map((index) => indexSchema.parse(index)),
      validator: found.validator,
      isStrict: found.validationLevel === 'strict' && found.validationAction === 'error',
    };
  }, end);
}

/** Makes a collection; nothing happens when somebody else has made it meanwhile. */
export async function createCollection(
  database: MongoDatabase,
  name: string,
  options: { readonly validator?: Readonly<Record<string, unknown>> } = {},
): Promise<void> {
  try {
    await database.write(async (call) => database.db.command({ create: name, ...options }, call));
  } catch (error) {
    if (!isAlreadyMade(error)) {
      throw error;
    }
  }
}
