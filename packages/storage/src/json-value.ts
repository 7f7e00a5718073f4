/** Any value that JSON can carry. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/**
 * What a caller hands in to be kept as JSON. An interface is no `JsonValue`, because TypeScript lets only type aliases stand for
 * objects of any members; so any object passes here, and what is no JSON in it is refused when it is written (`INVALID`).
 */
export type JsonInput = null | boolean | number | string | object;

/** A JSON object; members that are `undefined` do not exist in JSON and are refused by the stores. */
export interface JsonObject {
  readonly [member: string]: JsonValue;
}
