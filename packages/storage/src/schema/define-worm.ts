import type { z } from 'zod';
import { checkWholeNumber } from '../checks/check-whole-number.ts';
import { copyJson } from '../checks/copy-json.ts';
import { StorageError } from '../storage-error.ts';
import { checkAgainstSchema } from './check-against-schema.ts';
import { checkStorable } from './check-storable.ts';
import { checkDefinitionName } from './definition-name.ts';
import { findPathProblem } from './find-path-problem.ts';
import { isWormRecordIntact, type WormRecord } from './worm-record.ts';

/** A kind of write-once document: its name, its schema and how it becomes text. */
export interface WormDefinition<D> {
  readonly name: string;
  /** The most bytes that the text of a document may have; stores refuse longer ones, and hand none on. */
  readonly maxBytes: number;
  /** Checks a document and turns it into the exact text to store. `INVALID` names the path of what is wrong. */
  encode(document: D): string;
  /** Turns stored text back into a document. Throws when the text is not one. */
  decode(text: string): D;
  /** Says why no document can have anything at a path of a filter or an order; `undefined` when one can. */
  findPathProblem(path: readonly string[]): string | undefined;
}

/** How long the text of a write-once document may be unless its declaration says otherwise: 64 MiB. */
export const DEFAULT_WORM_BYTES = 64 * 1024 * 1024;

/**
 * Declares a kind of write-once document, free of any provider.
 *
 * @param options.name 1 to 48 characters of `a-z 0-9 _`, starting with a letter; names the table or collection.
 * @param options.schema what a document must look like; checked on append.
 * @param options.text how a document becomes text and back. Default: JSON.
 * @param options.maxBytes the most bytes of its text: a longer one is refused (`INVALID`), and one that is found is damage
 * (`CORRUPTED`). Default {@link DEFAULT_WORM_BYTES}.
 */
export function defineWorm<S extends z.ZodType>(options: {
  readonly name: string;
  readonly schema: S;
  readonly text?: {
    readonly encode: (document: z.output<S>) => string;
    readonly decode: (text: string) => z.output<S>;
  };
  readonly maxBytes?: number;
}): WormDefinition<z.output<S>> {
  const { name, schema, text, maxBytes = DEFAULT_WORM_BYTES } = options;
  checkDefinitionName(name);
  if (text === undefined) {
    checkStorable(schema, name);
  }
  checkWholeNumber(maxBytes, 'maxBytes', { min: 1 });
  const parse = (input: unknown) => checkAgainstSchema(schema, input, `write-once document "${name}"`);
  return {
    name,
    maxBytes,
    encode: (document) => {
      const checked = parse(document);
      const encoded = text === undefined ? JSON.stringify(copyJson(checked, name)) : text.encode(checked);
      if (!encoded.isWellFormed()) {
        throw new StorageError(
          'INVALID',
          `A "${name}" document holds a lone surrogate, which no UTF-8 text can store.`,
        );
      }
      const size = Buffer.byteLength(encoded);
      if (size > maxBytes) {
        throw new StorageError('INVALID', `A "${name}" document has ${size} bytes; at most ${maxBytes} are allowed.`);
      }
      return encoded;
    },
    findPathProblem: (path) => findPathProblem(schema, path),
    decode: (stored) => parse(text === undefined ? JSON.parse(stored) : text.decode(stored)),
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Checks the seal of a record and decodes its document. `CORRUPTED` when the seal does not match or the text is not a
 * document of this kind.
 */
export function openWormRecord<D>(definition: WormDefinition<D>, record: WormRecord): D {
  const place = `record ${record.sequence} of stream "${record.stream}"`;
  if (!isWormRecordIntact(record)) {
    throw new StorageError('CORRUPTED', `The seal of ${place} does not match its bytes; restore it from a copy.`);
  }
  try {
    return definition.decode(utf8.decode(record.bytes));
  } catch (cause) {
    throw new StorageError('CORRUPTED', `The text of ${place} is not a "${definition.name}" document.`, { cause });
  }
}
