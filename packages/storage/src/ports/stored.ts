/**
 * What a store returns for `E`: the entity and its version, 1 when it was added and one more with every change.
 *
 * Hand the version back on update or delete: if someone else changed the entity meanwhile, the call fails with
 * `VERSION_CONFLICT` instead of losing their change.
 */
export type Stored<E> = E & { readonly version: number };
