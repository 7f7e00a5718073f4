/** Hands a value past the type checker, as callers without one can: for arguments that a store must refuse. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what the value is taken for
export function untyped<T>(value: unknown): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the suites hand in what no type allows
  return value as T;
}
