import type { Stored } from '../ports/stored.ts';

/** What a store returns: the value as it was checked and written, and its version. */
export function toStored<E>(_definition: { parse(input: unknown): E }, value: object, version: number): Stored<E> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked on write; reads do not check again
  return { ...value, version } as Stored<E>;
}
