/** A value that a filter compares with: what JSON can carry, and dates. */
export type Operand = null | boolean | number | string | Date | readonly Operand[] | OperandObject;

/** An object that a filter compares with. */
export interface OperandObject {
  readonly [member: string]: Operand;
}

/** How a value stands to the operand of a `compare` node. */
export type Comparison = '$eq' | '$gt' | '$gte' | '$lt' | '$lte';

/**
 * A parsed filter: the operators of the filter language reduced to those that cannot be said with others.
 *
 * `$ne`, `$nin` and `$exists: false` are `not` around their opposites; `$all` is an `and` of equalities. An `and` without
 * nodes matches everything, an `or` without nodes nothing. Paths are lists of segments; inside an `elemMatch` of the form
 * `value` they are empty and mean the element itself, whose own elements are not looked at.
 */
export type FilterNode =
  | { readonly kind: 'and' | 'or'; readonly nodes: readonly FilterNode[] }
  | { readonly kind: 'not'; readonly node: FilterNode }
  | {
      readonly kind: 'compare';
      readonly path: readonly string[];
      readonly operator: Comparison;
      readonly operand: Operand;
    }
  | { readonly kind: 'in'; readonly path: readonly string[]; readonly operands: readonly Operand[] }
  | { readonly kind: 'exists'; readonly path: readonly string[] }
  | { readonly kind: 'startsWith'; readonly path: readonly string[]; readonly prefix: string }
  | {
      readonly kind: 'elemMatch';
      readonly path: readonly string[];
      /** `value`: operators on the element itself; `object`: a filter on its members. */
      readonly form: 'value' | 'object';
      readonly node: FilterNode;
    };
