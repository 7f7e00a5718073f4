import { type Column, type Comparison, compileFilter, type FilterNode, type Operand } from '@sorcha/storage';
import { type RawBuilder, sql } from 'kysely';
import { toTextRange } from '../../rows/text-range.ts';
import { allOf, always, anyOf, type Condition, never } from '../rows/join-conditions.ts';
import type { RowFilter } from '../rows/search-rows.ts';
import { fromCell, toOperandCell } from './entity-cell.ts';

/** The columns of an entity, by name. */
export type Columns = ReadonlyMap<string, Column>;

/**
 * Divides a filter into what SQL decides exactly, so that indexes are used, and what is left to the evaluator, which is
 * given the columns that it looks at.
 *
 * Exact are all operators on typed columns: a value there is of the column's type or empty, never an array. A condition may
 * be NULL where it means false; only a negation would notice, and it asks `is not true`.
 */
export function translateFilter(columns: Columns, filter: FilterNode): RowFilter {
  const nodes = filter.kind === 'and' ? filter.nodes : [filter];
  const exact: Condition[] = [];
  const rest: FilterNode[] = [];
  for (const node of nodes) {
    const condition = translate(columns, node);
    if (condition === undefined) {
      rest.push(node);
    } else {
      exact.push(condition);
    }
  }
  return { condition: allOf(exact), test: rest.length === 0 ? undefined : toTest(columns, rest) };
}

function toTest(columns: Columns, nodes: readonly FilterNode[]): RowFilter['test'] {
  const matches = compileFilter({ kind: 'and', nodes });
  const names = new Set(nodes.flatMap(listMembers));
  const seen = [...columns.values()].filter(({ name }) => names.has(name));
  return {
    columns: seen.map(({ name }) => name),
    passes: (cells) =>
      matches(Object.fromEntries(seen.map((column, index) => [column.name, fromCell(column, cells[index])]))),
  };
}

/** The members that a filter looks at. */
function listMembers(node: FilterNode): string[] {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.nodes.flatMap(listMembers);
    case 'not':
      return listMembers(node.node);
    case 'compare':
    case 'in':
    case 'exists':
    case 'startsWith':
    case 'elemMatch':
    default:
      return node.path.slice(0, 1);
  }
}

function translate(columns: Columns, node: FilterNode): Condition | undefined {
  switch (node.kind) {
    case 'and':
    case 'or': {
      const conditions = node.nodes.map((inner) => translate(columns, inner));
      const known = conditions.filter((condition) => condition !== undefined);
      if (known.length < conditions.length) {
        return undefined;
      }
      return node.kind === 'and' ? allOf(known) : anyOf(known);
    }
    case 'not': {
      const condition = translate(columns, node.node);
      return condition === undefined ? undefined : sql<boolean>`((${condition}) is not true)`;
    }
    case 'compare':
    case 'in':
    case 'exists':
    case 'startsWith':
    case 'elemMatch':
    default:
      return translateField(columns, node);
  }
}

/** A condition on one path. */
type FieldNode = Exclude<FilterNode, { readonly kind: 'and' | 'or' | 'not' }>;

function translateField(columns: Columns, node: FieldNode): Condition | undefined {
  const [member = '', ...deeper] = node.path;
  const column = columns.get(member);
  if (column?.type === 'json') {
    return undefined;
  }
  if (column === undefined || deeper.length > 0) {
    // Nothing is there, whatever the row: the answer is that of an entity without members.
    return compileFilter(node)({}) ? always : never;
  }
  const cell = sql`${sql.id(column.name)}`;
  switch (node.kind) {
    case 'compare':
      return translateComparison(column, cell, node.operator, node.operand);
    case 'in':
      return translateIn(column, cell, node.operands);
    case 'exists':
      return column.empty === 'absent' ? sql<boolean>`(${cell} is not null)` : always;
    case 'startsWith':
      return column.type === 'text' ? translatePrefix(cell, node.prefix) : never;
    case 'elemMatch':
    default:
      return never;
  }
}

const signs: Readonly<Record<Comparison, RawBuilder<unknown>>> = {
  $eq: sql`=`,
  $gt: sql`>`,
  $gte: sql`>=`,
  $lt: sql`<`,
  $lte: sql`<=`,
};

function translateComparison(
  column: Column,
  cell: RawBuilder<unknown>,
  operator: Comparison,
  operand: Operand,
): Condition {
  if (operand === null) {
    return operator === '$gt' || operator === '$lt' ? never : isEmpty(column, cell);
  }
  const bound = toOperandCell(column, operand);
  return bound === undefined ? never : sql<boolean>`(${cell} ${signs[operator]} ${bound})`;
}

function translateIn(column: Column, cell: RawBuilder<unknown>, operands: readonly Operand[]): Condition {
  const bounds = operands.map((operand) => toOperandCell(column, operand)).filter((bound) => bound !== undefined);
  const isOneOf = bounds.length === 0 ? never : sql<boolean>`(${cell} in (${sql.join(bounds)}))`;
  return operands.includes(null) ? anyOf([isOneOf, isEmpty(column, cell)]) : isOneOf;
}

/** A missing value and null are the same to every operator but `$exists`. */
function isEmpty(column: Column, cell: RawBuilder<unknown>): Condition {
  return column.empty === 'never' ? never : sql<boolean>`(${cell} is null)`;
}

function translatePrefix(cell: RawBuilder<unknown>, prefix: string): Condition {
  const { from, below } = toTextRange(prefix);
  return below === undefined
    ? sql<boolean>`(${cell} >= ${from})`
    : sql<boolean>`(${cell} >= ${from} and ${cell} < ${below})`;
}
