import { type Column, type Comparison, compileFilter, type FilterNode, type Operand } from '@sorcha/storage';
import { toTextRange } from '../../rows/text-range.ts';
import { toTimestampText } from '../connection/postgres-types.ts';
import { always, anyOf, columnFragment, type Fragment, fragment, never, rawFragment } from '../statements/condition.ts';
import {
  type FieldNode,
  type TranslatedFilter,
  type Translation,
  translateFilter,
} from '../statements/filter-translation.ts';
import { translateJson } from '../statements/json-condition.ts';
import { isOfType } from './entity-cell.ts';
import { toColumnName } from './entity-columns.ts';
import { describePrefix, PREFIX_LENGTH } from './entity-indexes.ts';

/** The columns of an entity as filters see them. */
export interface FilterColumns {
  /** By member. */
  readonly columns: ReadonlyMap<string, Column>;
  /** The members whose start is indexed, see `PREFIX_LENGTH`. */
  readonly prefixed: ReadonlySet<string>;
}

/**
 * Translates a filter on an entity. SQL decides all operators on typed columns: a value there is of the column's type or empty,
 * never a list. On JSON columns it decides what path expressions can say, the evaluator the rest.
 */
export function translateEntityFilter(seen: FilterColumns, filter: FilterNode): TranslatedFilter {
  return translateFilter(filter, (node) => translateField(seen, node));
}

function translateField({ columns, prefixed }: FilterColumns, node: FieldNode): Translation {
  const [member = '', ...deeper] = node.path;
  const column = columns.get(member);
  if (column?.type === 'json') {
    return translateJson({ json: toObject(column), path: ['v', ...deeper] }, node);
  }
  if (column === undefined || deeper.length > 0) {
    // Nothing is there, whatever the row: the answer is that of an entity without members.
    return { exact: compileFilter(node)({}) ? always : never };
  }
  return { exact: translateTyped(column, node, column.type === 'text' && prefixed.has(member)) };
}

/** The condition on a typed column, which decides by itself. */
export function translateTyped(column: Column, node: FieldNode, isPrefixed: boolean): Fragment {
  const cell = columnFragment(toColumnName(column.name));
  switch (node.kind) {
    case 'compare':
      return translateComparison(column, cell, node, isPrefixed);
    case 'in':
      return translateIn(column, cell, node.operands, isPrefixed);
    case 'exists':
      return column.empty === 'absent' ? fragment`(${cell} is not null)` : always;
    case 'startsWith':
      return column.type === 'text' ? translatePrefix(column, cell, node.prefix, isPrefixed) : never;
    case 'elemMatch':
    default:
      return never;
  }
}

/** A JSON column as a member of an object: so a list in it is a value like any other, and an absent one is missing. */
function toObject({ name, empty }: Column): Fragment {
  const cell = columnFragment(toColumnName(name));
  return empty === 'null'
    ? fragment`jsonb_build_object('v', ${cell})`
    : fragment`(case when ${cell} is null then '{}'::jsonb else jsonb_build_object('v', ${cell}) end)`;
}

const signs: Readonly<Record<Comparison, Fragment>> = {
  $eq: rawFragment('='),
  $gt: rawFragment('>'),
  $gte: rawFragment('>='),
  $lt: rawFragment('<'),
  $lte: rawFragment('<='),
};

function translateComparison(
  column: Column,
  cell: Fragment,
  { operator, operand }: { readonly operator: Comparison; readonly operand: Operand },
  isPrefixed: boolean,
): Fragment {
  if (operand === null) {
    return operator === '$gt' || operator === '$lt' ? never : isEmpty(column, cell);
  }
  if (!isOfType(column, operand)) {
    return never;
  }
  if (column.type === 'integer' && typeof operand === 'number') {
    return translateInteger(cell, operator, operand);
  }
  const sign = signs[operator];
  if (!isPrefixed || typeof operand !== 'string') {
    return fragment`(${cell} ${sign} ${toBound(operand)})`;
  }
  const start = describeStart(column);
  const prefix = cutPrefix(operand);
  const startSign = operator === '$eq' ? signs.$eq : signs[operator === '$gt' || operator === '$gte' ? '$gte' : '$lte'];
  return fragment`(${start} ${startSign} ${prefix} and ${cell} ${sign} ${operand})`;
}

/** Compares with the next integer, because PostgreSQL takes only those for a column of them. */
function translateInteger(cell: Fragment, operator: Comparison, operand: number): Fragment {
  if (operator === '$eq') {
    return Number.isSafeInteger(operand) ? fragment`(${cell} = ${operand})` : never;
  }
  const isAbove = operator === '$gt' || operator === '$gte';
  const whole = isAbove ? Math.ceil(operand) : Math.floor(operand);
  // All that are kept are safe, so farther bounds say the same as the nearest ones that are not.
  const bound = Math.min(Math.max(whole, -(2 ** 53)), 2 ** 53);
  const sign = Number.isInteger(operand) ? signs[operator] : signs[isAbove ? '$gte' : '$lte'];
  return fragment`(${cell} ${sign} ${BigInt(bound)})`;
}

function translateIn(column: Column, cell: Fragment, operands: readonly Operand[], isPrefixed: boolean): Fragment {
  const possible = operands
    .filter((operand) => isOfType(column, operand))
    .filter((operand) => column.type !== 'integer' || Number.isSafeInteger(operand))
    .map(toBound);
  const type = rawFragment(arrayTypes[column.type]);
  const isOneOf = possible.length === 0 ? never : fragment`(${cell} = any(${possible}::${type}))`;
  const starts = possible.map((bound) => cutPrefix(String(bound)));
  const found =
    isPrefixed && isOneOf !== never
      ? fragment`(${describeStart(column)} = any(${starts}::${type}) and ${isOneOf})`
      : isOneOf;
  return operands.includes(null) ? anyOf([found, isEmpty(column, cell)]) : found;
}

const arrayTypes: Readonly<Record<Column['type'], string>> = {
  text: 'text[]',
  integer: 'bigint[]',
  double: 'double precision[]',
  boolean: 'boolean[]',
  timestamp: 'timestamptz[]',
  json: 'jsonb[]',
};

/** A missing value and null are the same to every operator but `$exists`. */
function isEmpty(column: Column, cell: Fragment): Fragment {
  return column.empty === 'never' ? never : fragment`(${cell} is null)`;
}

function translatePrefix(column: Column, cell: Fragment, prefix: string, isPrefixed: boolean): Fragment {
  const condition = inRange(cell, prefix);
  return isPrefixed ? fragment`(${inRange(describeStart(column), cutPrefix(prefix))} and ${condition})` : condition;
}

function inRange(cell: Fragment, prefix: string): Fragment {
  const { from, below } = toTextRange(prefix);
  return below === undefined ? fragment`(${cell} >= ${from})` : fragment`(${cell} >= ${from} and ${cell} < ${below})`;
}

function describeStart(column: Column): Fragment {
  return rawFragment(describePrefix(toColumnName(column.name)));
}

function cutPrefix(text: string): string {
  return text.length <= PREFIX_LENGTH ? text : Array.from(text).slice(0, PREFIX_LENGTH).join('');
}

/** The operand as it is sent. A time before all that can be kept stands for the one before all of them. */
function toBound(operand: string | number | boolean | Date): string | number | boolean {
  return operand instanceof Date ? (toTimestampText(operand) ?? '-infinity') : operand;
}
