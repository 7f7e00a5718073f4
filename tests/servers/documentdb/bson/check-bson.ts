import { BSON } from 'mongodb';

/** As MongoDB limits it. */
const MAX_DEPTH = 180;

const TYPES = { object: 3, array: 4, string: 2, code: 13, symbol: 14, codeWithScope: 15 } as const;
const TEXTS: ReadonlySet<number> = new Set([TYPES.string, TYPES.code, TYPES.symbol]);

/**
 * Throws an `Error` when the bytes are not one whole document, at any depth: the engine, which is written in C, is only
 * handed documents whose lengths are true.
 */
export function checkBson(bytes: Buffer): void {
  if (bytes.length < 5 || bytes.readInt32LE(0) !== bytes.length) {
    throw new Error('The length of a document is not that of its bytes');
  }
  checkElements(bytes, 1);
}

function checkElements(bytes: Buffer, depth: number): void {
  if (depth > MAX_DEPTH) {
    throw new Error(`Documents are nested deeper than ${MAX_DEPTH} levels`);
  }
  for (const [type, , , offset, length] of BSON.onDemand.parseToElements(bytes)) {
    if (type === TYPES.object || type === TYPES.array) {
      const inner = bytes.subarray(offset, offset + length);
      if (inner.length < 5) {
        throw new Error('A nested document has no room for its length');
      }
      checkElements(inner, depth + 1);
    } else if (TEXTS.has(type)) {
      if (length < 5 || bytes[offset + length - 1] !== 0) {
        throw new Error('A text does not end in a zero byte');
      }
    } else if (type === TYPES.codeWithScope) {
      throw new Error('Code with scope is not supported');
    }
  }
}
