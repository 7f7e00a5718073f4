const REGISTER_ID = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** True for a register id: 1 to 63 lower-case letters, digits and inner hyphens (the form of a DNS label). */
export function isRegisterId(value: unknown): value is string {
  return typeof value === 'string' && REGISTER_ID.test(value);
}
