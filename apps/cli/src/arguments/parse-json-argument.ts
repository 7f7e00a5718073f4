import { isJsonObject, type JsonValue, parseStrictJson } from '@sorcha/register';
import { CliError } from '../cli-error.ts';
import { findInexactNumber } from './find-inexact-number.ts';

/** Characters of a number that a message shows. */
const MAX_SHOWN = 60;

/**
 * Parses JSON that a user handed in, as strictly as the ledger reads it: repeated member names, `__proto__`, lone
 * surrogates, hostile nesting and numbers that would be changed are `INVALID_INPUT`, whatever `JSON.parse` makes of them.
 *
 * @param name what it is, for the message: `--payload`.
 */
export function parseJsonArgument(text: string, name: string): JsonValue {
  // The strict reader takes objects only, so the value is wrapped; a second member can then only come from the text itself.
  const { value, problem } = parseStrictJson(`{"value":${text.trim()}}`);
  if (problem !== undefined) {
    throw new CliError(
      'INVALID_INPUT',
      `${name} is refused: ${problem.detail}. Give one JSON value, for example '{"n":1}'.`,
    );
  }
  const [member, ...more] = isJsonObject(value) ? Object.values(value) : [];
  if (member === undefined || more.length > 0) {
    throw new CliError('INVALID_INPUT', `${name} is refused: the text is not one JSON value.`);
  }
  const inexact = findInexactNumber(text);
  if (inexact !== undefined) {
    const shown = inexact.length > MAX_SHOWN ? `${inexact.slice(0, MAX_SHOWN)}...` : inexact;
    throw new CliError(
      'INVALID_INPUT',
      `${name} has the number ${shown}, which would be signed as ${Number(inexact)}; write it as a string.`,
    );
  }
  return member;
}
