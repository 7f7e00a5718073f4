import { compileFilter, type FilterNode } from '@sorcha/storage';
import { allOf, always, anyOf, type Fragment, fragment } from './condition.ts';

/** A condition on one path. */
export type FieldNode = Exclude<FilterNode, { readonly kind: 'and' | 'or' | 'not' }>;

/** What a filter, or part of one, is in SQL. */
export interface Translation {
  /** Holds, or is NULL instead of false, exactly where the filter matches; absent where SQL cannot say. */
  readonly exact?: Fragment | undefined;
  /** Holds wherever the filter matches, and lets an index find the rows. */
  readonly narrowing?: Fragment | undefined;
}

/** What SQL and the evaluator have to do for a filter. */
export interface TranslatedFilter {
  /** Holds for every row that matches. */
  readonly condition: Fragment;
  /** Decides on what the condition lets through; absent when it lets through nothing else. */
  readonly matches?: ((value: unknown) => boolean) | undefined;
}

/** A translation, and the condition that it comes down to. */
interface Joined {
  readonly exact: Fragment | undefined;
  readonly condition: Fragment | undefined;
}

/** Translates a filter as far as `translateField` can. */
export function translateFilter(
  filter: FilterNode,
  translateField: (node: FieldNode) => Translation,
): TranslatedFilter {
  const { exact, condition = always } = translate(filter, translateField);
  return { condition, matches: exact === undefined ? compileFilter(filter) : undefined };
}

function translate(node: FilterNode, translateField: (node: FieldNode) => Translation): Joined {
  switch (node.kind) {
    case 'and':
    case 'or': {
      const inner = node.nodes.map((one) => translate(one, translateField));
      const join = node.kind === 'and' ? allOf : anyOf;
      const conditions = inner.map(({ condition }) => condition).filter((condition) => condition !== undefined);
      const exact = inner.map((one) => one.exact).filter((one) => one !== undefined);
      // Of a conjunction any part narrows; a disjunction is no narrower than its widest part.
      const isNarrowed =
        node.kind === 'and' ? conditions.length > 0 || inner.length === 0 : conditions.length === inner.length;
      return {
        exact: exact.length === inner.length ? join(exact) : undefined,
        condition: isNarrowed ? join(conditions) : undefined,
      };
    }
    case 'not': {
      const { exact } = translate(node.node, translateField);
      const opposite = exact === undefined ? undefined : fragment`((${exact}) is not true)`;
      return { exact: opposite, condition: opposite };
    }
    case 'compare':
    case 'in':
    case 'exists':
    case 'startsWith':
    case 'elemMatch':
    default: {
      const { exact, narrowing } = translateField(node);
      const condition =
        exact !== undefined && narrowing !== undefined ? allOf([narrowing, exact]) : (narrowing ?? exact);
      return { exact, condition };
    }
  }
}
