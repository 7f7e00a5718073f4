import { type OrderKey, parseOrder } from '../filter/compile-order.ts';
import type { FilterNode } from '../filter/filter-node.ts';
import { parseFilter } from '../filter/parse-filter.ts';
import { StorageError } from '../storage-error.ts';

/** A definition of what is searched. */
export interface Searched {
  readonly name: string;
  /** Says why nothing can be at a path; `undefined` when something can. */
  findPathProblem(path: readonly string[]): string | undefined;
}

/**
 * Parses a filter. `INVALID` names the place of what is malformed, and a path at which nothing can be: a mistyped one would
 * match everything under a negation.
 */
export function toFilterNode(searched: Searched, filter: unknown): FilterNode {
  const node = parseFilter(filter);
  for (const path of listPaths(node, [])) {
    checkPath(searched, path, 'filter');
  }
  return node;
}

/** Parses an order. `INVALID` as {@link toFilterNode}. */
export function toOrderKeys(searched: Searched, orderBy: unknown): readonly OrderKey[] {
  const keys = parseOrder(orderBy);
  for (const { path } of keys) {
    checkPath(searched, path, 'orderBy');
  }
  return keys;
}

function checkPath(searched: Searched, path: readonly string[], what: string): void {
  const problem = searched.findPathProblem(path);
  if (problem !== undefined) {
    throw new StorageError('INVALID', `Invalid ${what}: "${searched.name}" has no "${path.join('.')}"; ${problem}.`);
  }
}

function listPaths(node: FilterNode, parent: readonly string[]): readonly (readonly string[])[] {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.nodes.flatMap((inner) => listPaths(inner, parent));
    case 'not':
      return listPaths(node.node, parent);
    case 'elemMatch': {
      const path = [...parent, ...node.path];
      return [path, ...listPaths(node.node, path)];
    }
    case 'compare':
    case 'in':
    case 'exists':
    case 'startsWith':
    default:
      return [[...parent, ...node.path]];
  }
}
