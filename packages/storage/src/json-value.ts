/** Any value that JSON can carry. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object; members that are `undefined` do not exist in JSON and are refused by the stores. */
export interface JsonObject {
  readonly [member: string]: JsonValue;
}
