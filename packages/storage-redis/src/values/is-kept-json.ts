const MAX_DEPTH = 100;

/**
 * Says whether a value has the shape of JSON that every store can keep and that `JSON.stringify` writes as it is: finite
 * numbers, plain objects, no member `__proto__`, at most 100 levels. Texts are not looked at; `hasEscapes` of the JSON says
 * whether they must be. Nothing is allocated, so this is faster than making a copy. `false` is only a suspicion: members that
 * are `undefined`, for one, may be left out.
 */
export function isKeptJson(value: unknown, depth = 1): boolean {
  if (typeof value === 'string') {
    return true;
  }
  if (typeof value === 'object') {
    return value === null || (depth <= MAX_DEPTH && isKeptContainer(value, depth));
  }
  return typeof value === 'number' ? Number.isFinite(value) : typeof value === 'boolean';
}

/** Says whether JSON text can hold what stores refuse in texts: lone surrogates and U+0000 are written as escapes. */
export function hasEscapes(json: string): boolean {
  return json.includes(String.raw`\u`);
}

function isKeptContainer(value: object, depth: number): boolean {
  return isRecord(value) ? isKeptObject(value, depth) : Array.isArray(value) && isKeptList(value, depth);
}

function isKeptList(list: readonly unknown[], depth: number): boolean {
  if ('toJSON' in list) {
    return false;
  }
  // By index, because holes of the list count as `undefined`.
  for (let index = 0; index < list.length; index += 1) {
    if (!isKeptJson(list[index], depth + 1)) {
      return false;
    }
  }
  return true;
}

function isKeptObject(object: Readonly<Record<string, unknown>>, depth: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) {
    return false;
  }
  // oxlint-disable-next-line guard-for-in -- what a plain object inherits is nothing, or suspicious
  for (const name in object) {
    if (name === '__proto__' || !isKeptJson(object[name], depth + 1)) {
      return false;
    }
  }
  return true;
}

function isRecord(value: object): value is Readonly<Record<string, unknown>> {
  return !Array.isArray(value);
}
