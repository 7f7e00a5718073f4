import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { MAX_MESSAGE_BYTES, ProtocolError, parseMessage, writeReply } from './message.ts';
import { splitMessages } from './split-messages.ts';

const bson = (document: BSON.Document) => Buffer.from(BSON.serialize(document));
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};
const frame = (opCode: number, ...parts: Buffer[]) => {
  const rest = Buffer.concat(parts);
  return Buffer.concat([int32(16 + rest.length), int32(7), int32(0), int32(opCode), rest]);
};
const section = (kind: number, bytes: Buffer) => Buffer.concat([Buffer.from([kind]), bytes]);
const sequence = (name: string, ...documents: BSON.Document[]) => {
  const rest = Buffer.concat([Buffer.from(`${name}\0`), ...documents.map(bson)]);
  return section(1, Buffer.concat([int32(4 + rest.length), rest]));
};
const opMessage = (flags: number, ...sections: Buffer[]) => frame(2013, int32(flags), ...sections);
const ping = section(0, bson({ ping: 1, $db: 'admin' }));

describe('parsing a message', () => {
  it('reads the body, the documents beside it and whether an answer is wanted', () => {
    const insert = section(0, bson({ insert: 'c', $db: 'd' }));
    const message = parseMessage(opMessage(2, insert, sequence('documents', { _id: 1 }, { _id: 2 })));
    expect(message).toMatchObject({ requestId: 7, isSilent: true, isQuery: false, database: 'd' });
    expect(message.body.getString('insert')).toBe('c');
    expect(message.sequences.get('documents')).toEqual(Buffer.concat([bson({ _id: 1 }), bson({ _id: 2 })]));
  });

  it('takes a body after the documents, and a checksum at the end', () => {
    const message = parseMessage(opMessage(1, sequence('documents', { _id: 1 }), ping, Buffer.alloc(4)));
    expect(message.body.names()).toEqual(['ping', '$db']);
  });

  it('reads the old query with which drivers greet', () => {
    const message = parseMessage(
      frame(2004, int32(0), Buffer.from('admin.$cmd\0'), int32(0), int32(-1), bson({ hello: 1 })),
    );
    expect(message).toMatchObject({ isQuery: true, database: 'admin' });
    const reply = writeReply(message, 3, bson({ ok: 1 }));
    expect([reply.readInt32LE(0), reply.readInt32LE(8), reply.readInt32LE(12)]).toEqual([reply.length, 7, 1]);
  });

  it.each([
    ['an operation that is none', frame(1, ping)],
    ['a compressed one, which was never agreed on', frame(2012, ping)],
    ['no flags', frame(2013)],
    ['unknown flags that must be understood', opMessage(4, ping)],
    ['no body', opMessage(0, sequence('documents', {}))],
    ['two bodies', opMessage(0, ping, ping)],
    ['an unknown kind of section', opMessage(0, ping, section(2, bson({})))],
    ['no database', opMessage(0, section(0, bson({ ping: 1 })))],
    ['a section that is longer than the message', opMessage(0, section(0, Buffer.concat([int32(1000), bson({})])))],
    ['a negative length', opMessage(0, section(0, int32(-5)))],
    ['a query that ends in its name', frame(2004, int32(0), Buffer.from('admin'))],
  ])('refuses %s', (_, bytes) => {
    expect(() => parseMessage(bytes)).toThrow(ProtocolError);
  });

  it.each([
    ['whose nested document says a wrong length', { a: { b: 1 } }, (bytes: Buffer) => bytes.writeInt32LE(100, 7)],
    ['whose text has no end', { a: 'text' }, (bytes: Buffer) => bytes.writeUInt8(1, bytes.length - 2)],
    ['of an unknown type', { a: 1 }, (bytes: Buffer) => bytes.writeUInt8(0x33, 4)],
  ])('refuses a document %s, but not the connection', (_, document, damage) => {
    const body = bson({ ...document, $db: 'd' });
    damage(body);
    let thrown: unknown;
    try {
      parseMessage(opMessage(0, section(0, body)));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Error);
    expect(thrown).not.toBeInstanceOf(ProtocolError);
  });

  it('refuses documents that are nested too deeply', () => {
    let deep: BSON.Document = {};
    for (let level = 0; level < 300; level++) {
      deep = { deep };
    }
    expect(() => parseMessage(opMessage(0, section(0, bson({ deep, $db: 'd' }))))).toThrow(/nested deeper/);
  });

  it('never fails in another way than by an Error, whatever byte of a message is wrong', () => {
    const good = opMessage(
      1,
      section(0, bson({ find: 'c', filter: { a: [1, 'x', null] }, $db: 'd' })),
      Buffer.alloc(4),
    );
    for (let at = 16; at < good.length; at++) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const bytes = Buffer.from(good);
        bytes[at] = value;
        try {
          parseMessage(bytes).body.names();
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect(error).not.toBeInstanceOf(RangeError);
          expect(error).not.toBeInstanceOf(TypeError);
        }
      }
    }
  });
});

describe('splitting what a connection sends', () => {
  const messages = [
    opMessage(0, ping),
    opMessage(0, section(0, bson({ a: 'x'.repeat(1000), $db: 'd' }))),
    opMessage(0, ping),
  ];
  const all = Buffer.concat(messages);

  it.each([1, 3, 15, 16, 17, 40, 1000, 10_000])('gives whole messages from chunks of %i bytes', async (size) => {
    const chunks = Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
      all.subarray(index * size, (index + 1) * size),
    );
    expect(await Array.fromAsync(splitMessages(toAsync(chunks)))).toEqual(messages);
  });

  it.each([0, 15, -1, MAX_MESSAGE_BYTES + 1])('refuses a message of %i bytes before it is there', async (length) => {
    const chunks = toAsync([Buffer.concat([int32(length), Buffer.alloc(12)])]);
    await expect(Array.fromAsync(splitMessages(chunks))).rejects.toThrow(ProtocolError);
  });

  it('leaves out a message that does not arrive whole', async () => {
    expect(await Array.fromAsync(splitMessages(toAsync([all.subarray(0, all.length - 1)])))).toEqual(
      messages.slice(0, 2),
    );
  });
});

async function* toAsync(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}
