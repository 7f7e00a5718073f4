import type { FilterNode } from '@sorcha/storage';
import { translateComparison, translateIn, translateStartsWith } from './translate-operand.ts';
import { atLeast, exactly, nothing, type Translation } from './translation.ts';

/** Operators on one value: those that match the filter pass them, and when they are exact no others do. */
interface Operators {
  readonly operators: Readonly<Record<string, unknown>>;
  readonly isExact: boolean;
}

/** What no value passes. */
const NEVER = 'never';

/** The condition that an element of the array at a field passes operators as a whole. */
export function translateOperators(field: string, node: FilterNode): Translation {
  const found = toOperators(node);
  if (found === NEVER) {
    return nothing;
  }
  if (found === undefined || Object.keys(found.operators).length === 0) {
    return atLeast({ [field]: { $type: 'array' } });
  }
  const query = { [field]: { $elemMatch: found.operators } };
  return found.isExact ? exactly(query) : atLeast(query);
}

/** The operators for a condition on a value itself; `undefined` when they cannot be written as an object. */
function toOperators(node: FilterNode): Operators | typeof NEVER | undefined {
  switch (node.kind) {
    case 'and':
      return mergeOperators(node.nodes.map(toOperators));
    case 'or':
      return node.nodes.length === 0 ? NEVER : undefined;
    case 'not': {
      const inner = toOperators(node.node);
      if (inner === NEVER || inner === undefined || !inner.isExact) {
        return undefined;
      }
      return { operators: { $not: inner.operators }, isExact: true };
    }
    case 'compare':
      return fromTranslation(translateComparison(writeOperators, node));
    case 'in':
      return fromTranslation(translateIn(writeOperators, node.operands));
    case 'startsWith':
      return fromTranslation(translateStartsWith(writeOperators, node.prefix));
    case 'elemMatch': {
      if (node.form === 'object') {
        return undefined;
      }
      const inner = toOperators(node.node);
      return inner === NEVER || inner === undefined ? inner : { ...inner, operators: { $elemMatch: inner.operators } };
    }
    case 'exists':
    default:
      return undefined;
  }
}

function writeOperators(operators: Readonly<Record<string, unknown>>) {
  return operators;
}

function fromTranslation(translation: Translation): Operators | typeof NEVER | undefined {
  const { query, isExact } = translation;
  if (translation === nothing) {
    return NEVER;
  }
  // Several of them can only be joined on the level of fields.
  return Object.keys(query).some((name) => name === '$or') ? undefined : { operators: query, isExact };
}

/** Joins operators that must all pass; leaves out those whose names are taken, and says so. */
function mergeOperators(
  parts: readonly (Operators | typeof NEVER | undefined)[],
): Operators | typeof NEVER | undefined {
  const operators: Record<string, unknown> = {};
  let isExact = true;
  for (const part of parts) {
    if (part === NEVER) {
      return NEVER;
    }
    const isFree = part !== undefined && Object.keys(part.operators).every((name) => !(name in operators));
    if (isFree) {
      Object.assign(operators, part.operators);
    }
    isExact &&= isFree && part.isExact;
  }
  return Object.keys(operators).length === 0 && !isExact ? undefined : { operators, isExact };
}
