import { createHash } from 'node:crypto';
import type { Comparison, Operand } from '@sorcha/storage';
import { toTextRange } from '../../rows/text-range.ts';
import { quoteName } from '../../schema/quote-name.ts';
import { fitName } from '../schema/schema-names.ts';
import { allOf, anyOf, type Fragment, fragment, rawFragment } from '../statements/condition.ts';
import type { FieldNode } from '../statements/filter-translation.ts';

/** The column of the documents as JSON that is searched. */
export const CONTENT = 'content';

/** So many characters of a text go into an index; see `PREFIX_LENGTH` of entities. */
const PREFIX_LENGTH = 128;

/**
 * Of each path two expressions are indexed together. The first is the number at the path, or NaN, which no JSON number is, for
 * all documents in which a list stands at or on the way to it; the second the start of the text there, or `true` or `false`.
 */
interface PathExpressions {
  readonly number: string;
  readonly text: string;
}

/** @param path of a definition, so letters, digits, `_`, `-` and dots only. */
function describePath(path: string): PathExpressions {
  const segments = path.split('.');
  const places = segments.map((_, index) => `${CONTENT} #> '{${segments.slice(0, index + 1).join(',')}}'`);
  const isList = places.map((place) => `jsonb_typeof(${place}) = 'array'`).join(' or ');
  const value = places.at(-1) ?? '';
  return {
    number:
      `(case when ${isList} then 'NaN'::float8 ` +
      `when jsonb_typeof(${value}) = 'number' then (${value})::float8 end)`,
    text:
      `(case when jsonb_typeof(${value}) in ('string', 'boolean') ` +
      `then left(${CONTENT} #>> '{${segments.join(',')}}', ${PREFIX_LENGTH}) collate "C" end)`,
  };
}

/** The index of a path; its name stands for its definition. */
export function describePathIndex(table: string, path: string) {
  const { number, text } = describePath(path);
  const hash = createHash('sha256').update(`${number} ${text}`).digest('hex').slice(0, 8);
  const name = fitName(`${table}.${path}.${hash}`);
  return {
    name,
    createSql: (schema: string) =>
      `create index ${quoteName(name)} on ${quoteName(schema)}.${quoteName(table)} (${number}, ${text})`,
  };
}

/** What a condition on an indexed path comes down to in its index; `undefined` when that is nothing. */
export function narrowByIndex(path: string, node: FieldNode): Fragment | undefined {
  const { number, text } = describePath(path);
  const place = { number: rawFragment(number), text: rawFragment(text) };
  switch (node.kind) {
    case 'compare':
      return node.operator === '$eq'
        ? narrowIn(place, [node.operand])
        : narrowComparison(place, node.operator, node.operand);
    case 'in':
      return narrowIn(place, node.operands);
    case 'startsWith': {
      const { from, below } = toTextRange(cutPrefix(node.prefix));
      const isAbove = fragment`${place.text} >= ${from}`;
      return textOrList(place, below === undefined ? isAbove : fragment`${isAbove} and ${place.text} < ${below}`);
    }
    case 'elemMatch':
      return hasList(place);
    case 'exists':
    default:
      return undefined;
  }
}

interface Place {
  readonly number: Fragment;
  readonly text: Fragment;
}

function hasList({ number }: Place): Fragment {
  return fragment`(${number} = 'NaN'::float8)`;
}

/** NULL in front of the index says that no number is there, so texts are found behind it. */
function textOrList(place: Place, condition: Fragment): Fragment {
  return anyOf([fragment`(${place.number} is null and ${condition})`, hasList(place)]);
}

function narrowIn(place: Place, operands: readonly Operand[]): Fragment | undefined {
  if (operands.every((operand) => typeof operand !== 'object')) {
    // The index on all of the content finds them, also within lists.
    return undefined;
  }
  const numbers: number[] = [Number.NaN];
  const texts: string[] = [];
  for (const operand of operands) {
    if (typeof operand === 'number') {
      numbers.push(operand);
    } else if (typeof operand === 'string' || typeof operand === 'boolean') {
      texts.push(cutPrefix(String(operand)));
    } else if (operand !== null && !Array.isArray(operand) && !(operand instanceof Date)) {
      // Objects are not in the index.
      return undefined;
    }
  }
  const conditions = [fragment`(${place.number} = any(${numbers}::float8[]))`];
  if (texts.length > 0) {
    conditions.push(fragment`(${place.number} is null and ${place.text} = any(${texts}::text[]))`);
  }
  if (operands.includes(null)) {
    conditions.push(fragment`(${place.number} is null and ${place.text} is null)`);
  }
  return anyOf(conditions);
}

function narrowComparison(place: Place, operator: Exclude<Comparison, '$eq'>, operand: Operand): Fragment | undefined {
  const isAbove = operator === '$gt' || operator === '$gte';
  if (typeof operand === 'number') {
    // NaN stands above all numbers.
    return isAbove
      ? fragment`(${place.number} >= ${operand}::float8)`
      : anyOf([fragment`(${place.number} <= ${operand}::float8)`, hasList(place)]);
  }
  if (typeof operand === 'string') {
    const sign = rawFragment(isAbove ? '>=' : '<=');
    return textOrList(place, fragment`${place.text} ${sign} ${cutPrefix(operand)}`);
  }
  return undefined;
}

function cutPrefix(text: string): string {
  return text.length <= PREFIX_LENGTH ? text : Array.from(text).slice(0, PREFIX_LENGTH).join('');
}

/** Both of two conditions, of which either may be missing. */
export function bothOf(one: Fragment | undefined, other: Fragment | undefined): Fragment | undefined {
  return one !== undefined && other !== undefined ? allOf([one, other]) : (one ?? other);
}
