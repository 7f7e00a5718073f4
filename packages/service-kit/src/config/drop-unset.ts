/** An object without the members that are `undefined`: what is not set is left to the default of who is given it. */
export function dropUnset<T extends object>(values: T): { [N in keyof T]: Exclude<T[N], undefined> } {
  const set = Object.entries(values).filter(([, value]) => value !== undefined);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only unset members are missing, which are optional
  return Object.fromEntries(set) as { [N in keyof T]: Exclude<T[N], undefined> };
}
