/**
 * Names of members that MongoDB or its driver would take for something else: operators (`$set`), paths (`a.b`), types of the
 * driver (`_bsontype`), nothing (``). They are kept escaped: `%24set`, `a%2Eb`, `%5Fbsontype`, `%`.
 */

const SPECIAL = /^\$|[.%]|^_bsontype$|^$/u;

/** Says whether a name is kept as another. */
function isSpecial(name: string): boolean {
  return SPECIAL.test(name);
}

/** The name under which a member is kept. Different names are kept differently. */
export function toStoredName(name: string): string {
  if (name === '') {
    return '%';
  }
  return isSpecial(name) ? name.replaceAll(/^[$_]|[.%]/gu, toEscape) : name;
}

/** The name of a member that is kept as `stored`. */
export function fromStoredName(stored: string): string {
  if (stored === '%') {
    return '';
  }
  return stored.replaceAll(/%([0-9A-F]{2})/gu, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
}

/** Says whether a JSON value has a member, however deep, that is kept under another name. */
export function hasSpecialName(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  if (Array.isArray(value)) {
    return value.some(hasSpecialName);
  }
  for (const [name, member] of Object.entries(value)) {
    if (isSpecial(name) || hasSpecialName(member)) {
      return true;
    }
  }
  return false;
}

/** Copies a JSON value with every name changed. */
export function renameMembers(value: unknown, rename: (name: string) => string): unknown {
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((element) => renameMembers(element, rename));
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [rename(name), renameMembers(member, rename)]),
  );
}

function toEscape(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
