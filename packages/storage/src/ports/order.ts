/** One key of a sort order. Ties are broken by the key of the entity, ascending, so every order is total. */
export interface OrderBy {
  /** The path of the member to order by; dots reach into nested objects. */
  readonly path: string;
  /** Default `asc`. */
  readonly direction?: 'asc' | 'desc';
}
