/** Placeholder until the filter language stands; replaced by its owner. */
export type Filter<_E> = Record<string, unknown>;
