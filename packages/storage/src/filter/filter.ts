/**
 * What is searched for, as plain data: a typed subset of MongoDB's query language, see docs/filters.md.
 *
 * Each member is a path with a value (equality) or an object of operators; all must hold. `{}` matches everything. Members
 * of `E` are typed; dotted paths are allowed and not typed. A filter is checked when it is used, its paths against the schema
 * too (`INVALID`).
 */
export type Filter<E> = { readonly [K in keyof E]?: Condition<E[K]> } & {
  readonly $and?: readonly Filter<E>[];
  readonly $or?: readonly Filter<E>[];
} & { readonly [path: `${string}.${string}`]: unknown };

/** What can be asked of one member: a value that it must equal, or operators. */
export type Condition<V> = Comparable<V> | FieldOperators<V>;

/** What a member can be compared with: its own type, one element of it when it is an array, or null for none. */
export type Comparable<V> = Exclude<V, undefined> | ElementOf<V> | null;

/** The operators of one member; all must hold. */
export interface FieldOperators<V> {
  readonly $eq?: Comparable<V>;
  readonly $ne?: Comparable<V>;
  readonly $gt?: Comparable<V>;
  readonly $gte?: Comparable<V>;
  readonly $lt?: Comparable<V>;
  readonly $lte?: Comparable<V>;
  readonly $in?: readonly Comparable<V>[];
  readonly $nin?: readonly Comparable<V>[];
  readonly $exists?: boolean;
  readonly $not?: FieldOperators<V>;
  readonly $all?: readonly Comparable<V>[];
  readonly $elemMatch?: Filter<ElementOf<V>> | FieldOperators<ElementOf<V>>;
  readonly $startsWith?: string;
}

type ElementOf<V> = V extends readonly (infer Element)[] ? Element : never;
