import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { BsonDocument } from './bson-document.ts';
import { encodeDocument } from './encode-document.ts';

const create = (document: BSON.Document) => new BsonDocument(Buffer.from(BSON.serialize(document)));

describe('a document that stays bytes', () => {
  it('gives single fields, decoded', () => {
    const document = create({
      find: 'c',
      filter: { a: 1 },
      list: [1, 2],
      id: BSON.Long.fromString('9007199254740993'),
    });
    expect(document.names()).toEqual(['find', 'filter', 'list', 'id']);
    expect(document.getString('find')).toBe('c');
    expect(document.getDocument('filter')).toEqual({ a: 1 });
    expect(document.getArray('list')).toEqual([1, 2]);
    expect(document.get('id')).toBe(9007199254740993n);
    expect(document.getNumber('id')).toBe(9007199254740992);
    expect([document.get('absent'), document.has('absent'), document.getArray('find')]).toEqual([
      undefined,
      false,
      undefined,
    ]);
  });

  it('gives a nested document as the bytes it came as', () => {
    const inner = { count: 'c', query: { a: new BSON.Double(1) } };
    expect(create({ explain: inner, verbosity: 'x' }).getBytes('explain')).toEqual(Buffer.from(BSON.serialize(inner)));
  });

  it('keeps the types of numbers where that is asked for', () => {
    const values = [new BSON.Double(1), new BSON.Int32(1), BSON.Long.fromNumber(1), BSON.Decimal128.fromString('1.0')];
    const original = create({ values });
    expect(encodeDocument({ values: original.getExactly('values') })).toEqual(original.bytes);
  });
});
