/** Makes the name of a definition, member or path an identifier of SQL. Never given anything that a caller searches for. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
