import { z } from 'zod';
import { StorageError } from '../storage-error.ts';
import { checkAgainstSchema } from './check-against-schema.ts';
import { checkStorable } from './check-storable.ts';
import { checkDefinitionName } from './definition-name.ts';
import { findPathProblem } from './find-path-problem.ts';

/**
 * A kind of document `D`, declared once and used on every document provider. What is inserted is an `I`: members with a default
 * may be left out.
 */
export interface DocumentDefinition<D, I = D> {
  readonly name: string;
  /** The top-level member that identifies a document; a string. */
  readonly key: keyof D & string;
  /** Paths (dots reach into nested objects) that are searched often; providers index them. None may lead nowhere, as in filters. */
  readonly indexes: readonly string[];
  /** Paths whose value is taken by at most one document. Absent values, `null`, arrays and objects are never equal. */
  readonly unique: readonly string[];
  /** Checks a document; `INVALID` lists every problem with its path. */
  parse(input: unknown): D;
  /** Never there: keeps the type of what is inserted. */
  readonly accepts?: (document: I) => void;
  /** Says why no document can have anything at a path of a filter or an order; `undefined` when one can. */
  findPathProblem(path: readonly string[]): string | undefined;
}

const PATH = /^[A-Za-z_][A-Za-z0-9_-]{0,63}(?:\.[A-Za-z_][A-Za-z0-9_-]{0,63}){0,15}$/;

/**
 * Declares a kind of document.
 *
 * Documents are JSON: declare dates as ISO 8601 text (`z.iso.datetime()`). Unknown members are treated as the schema says (`z.looseObject`
 * keeps them). No document may have a top-level member `version`, which the stores add.
 *
 * @param options.name 1 to 48 characters of `a-z 0-9 _`, starting with a letter.
 * @param options.schema a zod object.
 * @param options.key the member that identifies a document: a required string of 1 to 255 characters.
 * @throws StorageError `INVALID` when the declaration cannot work on every provider.
 */
export function defineDocument<S extends z.ZodObject>(options: {
  readonly name: string;
  readonly schema: S;
  readonly key: keyof z.output<S> & string;
  readonly indexes?: readonly string[];
  readonly unique?: readonly string[];
}): DocumentDefinition<z.output<S>, z.input<S>> {
  const { name, schema, key, indexes = [], unique = [] } = options;
  checkDefinitionName(name);
  if ('version' in schema.shape) {
    throw new StorageError(
      'INVALID',
      `Document "${name}" declares "version", which the stores add; rename the member.`,
    );
  }
  const keySchema: unknown = schema.shape[key];
  if (!(keySchema instanceof z.ZodString || keySchema instanceof z.ZodStringFormat || keySchema instanceof z.ZodEnum)) {
    throw new StorageError('INVALID', `The key "${key}" of document "${name}" must be a required string.`);
  }
  checkStorable(schema, name);
  for (const path of [...indexes, ...unique]) {
    if (!PATH.test(path)) {
      throw new StorageError(
        'INVALID',
        `Document "${name}" cannot index the path "${path}": use names divided by dots.`,
      );
    }
    // One that was mistyped would be taken, and keep nothing apart.
    const problem = findPathProblem(schema, path.split('.'));
    if (problem !== undefined) {
      throw new StorageError('INVALID', `Document "${name}" cannot index the path "${path}": ${problem}.`);
    }
  }
  const what = `document "${name}"`;
  return {
    name,
    key,
    indexes,
    unique,
    parse: (input) => checkAgainstSchema(schema, input, what),
    findPathProblem: (path) => findPathProblem(schema, path),
  };
}
