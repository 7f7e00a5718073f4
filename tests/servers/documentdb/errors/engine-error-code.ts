/**
 * The codes of MongoDB by their place in DocumentDB's list of errors, version 1.0. The engine raises the error at place p
 * as SQLSTATE `M` followed by p - 1 as four digits to the base 36. Errors whose only name is a location are not listed.
 */
const FIRST_CODES = [
  1, 2, 5, 9, 14, 15, 20, 23, 26, 27, 28, 31, 34, 40, 43, 48, 52, 53, 54, 56, 57, 61, 66, 67, 68, 72, 73, 85, 86, 111,
  115, 118, 146, 159, 165, 166, 167, 181, 197, 224, 232, 241, 263, 276, 291, 361, 10065, 10334, 11000,
];
const CODES: ReadonlyMap<number, number> = new Map([
  ...FIRST_CODES.map((code, index): [number, number] => [index + 1, code]),
  [113, 17124],
  [114, 17194],
  [119, 17419],
  [120, 17420],
  [297, 40415],
  [457, 121],
  [493, 16],
  [512, 13],
  [513, 10107],
  [526, 143],
]);

/** The code of MongoDB for a SQLSTATE of DocumentDB's own; `undefined` for all others. */
export function toMongoCode(sqlState: string): number | undefined {
  const digits = /^M([0-9A-Z]{4})$/.exec(sqlState)?.[1];
  return digits === undefined ? undefined : (CODES.get(Number.parseInt(digits, 36) + 1) ?? UNLISTED);
}

/** Stands for an error of the engine that the list above does not name: the client's request is wrong in some way. */
const UNLISTED = 2;

/** Write errors come with the SQLSTATE packed into a number, six bits for each character. */
export function unpackSqlState(packed: number): string {
  let state = '';
  for (let rest = packed; state.length < 5; rest >>= 6) {
    state += String.fromCharCode((rest & 0x3f) + '0'.charCodeAt(0));
  }
  return state;
}

/** The reverse of {@link unpackSqlState}. */
export function packSqlState(state: string): number {
  return Buffer.from(state, 'latin1').reduceRight((packed, byte) => (packed << 6) | (byte - '0'.charCodeAt(0)), 0);
}
