import { type JsonValue, parseJson } from './json-value.ts';
import { LIMITS } from './limits.ts';
import { type Parsed, type Problem, quote, refuse } from './parsed.ts';

const WHOLE_NUMBER = /^(?:0|[1-9]\d*)$/u;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What else is asked of the text. */
export interface StrictJsonOptions {
  /**
   * Numbers that are members of the object itself must be written in decimal digits alone: 1000, not 1000.0 or 1e3, of which
   * a reader that rounds makes 1000, too. Numbers further inside are free. Default false.
   */
  readonly hasWholeMembers?: boolean;
}

/**
 * Reads one JSON object from text that may come from an enemy. Beyond what `JSON.parse` refuses, these are
 * refused: repeated member names and `__proto__` at any level, also where spelt with escapes; lone surrogates, raw or
 * escaped; numbers outside the range of a double; nesting deeper than `LIMITS.jsonDepth`; space around the
 * object. One linear scan without recursion comes first, so hostile nesting costs no stack.
 */
export function parseStrictJson(text: string, options: StrictJsonOptions = {}): Parsed<JsonValue> {
  if (!text.startsWith('{') || !text.endsWith('}')) {
    return refuse('INVALID', 'the text must be one JSON object without anything around it');
  }
  if (!text.isWellFormed()) return refuse('INVALID', 'the text has a lone surrogate');
  const problem = scan(text, options);
  if (problem !== undefined) return { problem };
  const value = parseJson(text);
  return value === undefined ? refuse('INVALID', 'the text is not JSON') : { value };
}

/**
 * Finds what `JSON.parse` would let pass. The scan assumes JSON's grammar and does not prove it: on text that
 * is not JSON its answer may be wrong, and `JSON.parse` refuses that text afterwards.
 */
function scan(text: string, { hasWholeMembers = false }: StrictJsonOptions): Problem | undefined {
  // One entry per open bracket: the names seen so far in an object, `undefined` for an array.
  const open: (Set<string> | undefined)[] = [];
  let names: Set<string> | undefined;
  let isNameNext = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = findStringEnd(text, at);
      if (end === -1) return invalid('the text is not JSON');
      const problem = checkString(text, at, end, isNameNext ? names : undefined);
      if (problem !== undefined) return problem;
      isNameNext = false;
      at = end;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      names = code === OPEN_OBJECT ? new Set() : undefined;
      isNameNext = names !== undefined;
      if (open.push(names) > LIMITS.jsonDepth) {
        return { code: 'LIMIT_EXCEEDED', detail: `the JSON is nested deeper than ${LIMITS.jsonDepth} levels` };
      }
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      open.pop();
      names = open.at(-1);
    } else if (code === COMMA) {
      isNameNext = names !== undefined;
    } else if (code === MINUS || (code >= DIGIT_0 && code <= DIGIT_9)) {
      const end = findNumberEnd(text, at);
      const digits = text.slice(at, end);
      if (!Number.isFinite(Number(digits))) return invalid('a number is outside the range of a double');
      if (hasWholeMembers && open.length === 1 && !WHOLE_NUMBER.test(digits)) {
        return invalid(`a number must be written in decimal digits alone, not as ${quote(digits)}`);
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** The index of the quote that closes the string opened at `start`; -1 for none. */
function findStringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

/** True when an odd number of backslashes stands before `at`. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}

/** The index after the last character that can belong to the number that starts at `start`. */
function findNumberEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && '0123456789+-.eE'.includes(text.charAt(at))) at++;
  return at;
}

/** Checks one string token; `names` is given where it is a member name, which it is then added to. */
function checkString(text: string, start: number, end: number, names: Set<string> | undefined): Problem | undefined {
  let value = text.slice(start + 1, end);
  if (value.includes('\\')) {
    const unescaped = parseJson(text.slice(start, end + 1));
    if (typeof unescaped !== 'string') return invalid('the text is not JSON');
    if (!unescaped.isWellFormed()) return invalid('a string has a lone surrogate');
    value = unescaped;
  }
  if (names === undefined) return undefined;
  if (value === '__proto__') return invalid('the member name "__proto__" is not allowed');
  if (names.has(value)) return invalid(`the member name ${quote(value)} is repeated`);
  names.add(value);
  return undefined;
}

function invalid(detail: string): Problem {
  return { code: 'INVALID', detail };
}
