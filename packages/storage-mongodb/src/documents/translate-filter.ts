import type { FilterNode } from '@sorcha/storage';
import { toStoredName } from './member-names.ts';
import {
  isObject,
  narrowByMembers,
  translateComparison,
  translateIn,
  translateStartsWith,
} from './translate-operand.ts';
import { translateOperators } from './translate-operators.ts';
import { allOf, anyOf, atLeast, exactly, isEverything, noneOf, type Translation } from './translation.ts';

/** A condition on the values at one path. */
type FieldNode = Exclude<FilterNode, { readonly kind: 'and' | 'or' | 'not' }>;

/** How the path of a condition is written. */
type ToField = (path: readonly string[]) => string;

/**
 * Translates a filter on documents as they are kept (stored-document.ts).
 *
 * @param key the member that is the key.
 */
export function translateFilter(node: FilterNode, key: string): Translation {
  return translate(node, (path) =>
    path.length === 1 && path[0] === key ? '_id' : `doc.${path.map(toStoredName).join('.')}`,
  );
}

function translate(node: FilterNode, toField: ToField): Translation {
  switch (node.kind) {
    case 'and':
      return allOf(node.nodes.map((inner) => translate(inner, toField)));
    case 'or':
      return anyOf(node.nodes.map((inner) => translate(inner, toField)));
    case 'not':
      return noneOf(translate(node.node, toField));
    case 'compare':
    case 'in':
    case 'exists':
    case 'startsWith':
    case 'elemMatch':
    default:
      return translateField(toField(node.path), node);
  }
}

function translateField(field: string, node: FieldNode): Translation {
  const write = (operators: Readonly<Record<string, unknown>>) => ({ [field]: operators });
  switch (node.kind) {
    case 'compare':
      return node.operator === '$eq' && isObject(node.operand)
        ? narrowByMembers(field, node.operand)
        : translateComparison(write, node);
    case 'in':
      return translateIn(write, node.operands);
    case 'exists':
      return exactly(write({ $exists: true }));
    case 'startsWith':
      return translateStartsWith(write, node.prefix);
    case 'elemMatch':
    default:
      return translateElemMatch(field, node);
  }
}

function translateElemMatch(field: string, node: Extract<FieldNode, { readonly kind: 'elemMatch' }>): Translation {
  if (node.form === 'value') {
    return translateOperators(field, node.node);
  }
  const inner = translate(node.node, (path) => path.map(toStoredName).join('.'));
  if (isEverything(inner)) {
    return atLeast({ [field]: { $type: 'array' } });
  }
  // Within `$and` it cannot be taken for operators on the elements themselves.
  return { query: { [field]: { $elemMatch: { $and: [inner.query] } } }, isExact: inner.isExact };
}
