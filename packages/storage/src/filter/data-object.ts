/** Says whether a value has members that a path can reach: an object that is no array and no date. */
export function isDataObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Reads an own member: what objects inherit (`constructor`, `toString`) is not data. */
export function readMember(object: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
