import { BSON } from 'mongodb';

/** Encodes a document. Numbers that are whole and fit become 32-bit integers, bigint becomes a 64-bit integer. */
export function encodeDocument(document: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(BSON.serialize(document, { ignoreUndefined: true }));
}

/** Decodes a document so that encoding it again gives the same types. */
export function decodeExactly(bytes: Buffer): Record<string, unknown> {
  return BSON.deserialize(bytes, { promoteValues: false, promoteLongs: false, bsonRegExp: true });
}
