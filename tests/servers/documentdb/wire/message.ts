import { BsonDocument } from '../bson/bson-document.ts';
import { checkBson } from '../bson/check-bson.ts';

/** The biggest message that is taken, in bytes, and the biggest document in it: as MongoDB limits them. */
export const MAX_MESSAGE_BYTES = 48_000_000;
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
/** A command may be bigger than a document by so much. */
const COMMAND_OVERHEAD_BYTES = 16 * 1024;

export const HEADER_BYTES = 16;
const OP_CODE = { reply: 1, query: 2004, message: 2013 } as const;
const FLAG = { checksumPresent: 1, moreToCome: 2, exhaustAllowed: 1 << 16 } as const;
const REQUIRED_FLAGS = 0xffff;

/** What a client asked. */
export interface RequestMessage {
  readonly requestId: number;
  /** By the old `OP_QUERY`, which only the first message of a connection may use, or by `OP_MSG`. */
  readonly isQuery: boolean;
  /** The client waits for no answer. */
  readonly isSilent: boolean;
  readonly database: string;
  readonly body: BsonDocument;
  /** Documents that came beside the body, one after the other, by the name of the field that they stand for. */
  readonly sequences: ReadonlyMap<string, Buffer>;
}

/** The bytes are no message of MongoDB's protocol; the connection cannot go on. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Reads one whole message. Throws a `ProtocolError`, or an `Error` when only a document in it is broken. */
export function parseMessage(bytes: Buffer): RequestMessage {
  const [requestId, opCode] = [bytes.readInt32LE(4), bytes.readInt32LE(12)];
  if (opCode === OP_CODE.message) {
    return parseOpMessage(bytes, requestId);
  }
  if (opCode === OP_CODE.query) {
    return parseOpQuery(bytes, requestId);
  }
  throw new ProtocolError(`Operation ${opCode} is not supported`);
}

/** Writes the answer to a request. */
export function writeReply(request: Pick<RequestMessage, 'requestId' | 'isQuery'>, id: number, reply: Buffer): Buffer {
  // OP_MSG: flags, kind of section. OP_REPLY: flags (8: can await), cursor, starting from, number of documents.
  const middle = Buffer.alloc(request.isQuery ? 20 : 5);
  if (request.isQuery) {
    middle.writeInt32LE(8, 0);
    middle.writeInt32LE(1, 16);
  }
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + middle.length + reply.length, 0);
  header.writeInt32LE(id, 4);
  header.writeInt32LE(request.requestId, 8);
  header.writeInt32LE(request.isQuery ? OP_CODE.reply : OP_CODE.message, 12);
  return Buffer.concat([header, middle, reply]);
}

function parseOpMessage(bytes: Buffer, requestId: number): RequestMessage {
  if (bytes.length < HEADER_BYTES + 4) {
    throw new ProtocolError('A message ends before its flags');
  }
  const flags = bytes.readUInt32LE(HEADER_BYTES);
  if ((flags & REQUIRED_FLAGS & ~(FLAG.checksumPresent | FLAG.moreToCome)) !== 0) {
    throw new ProtocolError('A message has flags that are not known');
  }
  const end = bytes.length - ((flags & FLAG.checksumPresent) === 0 ? 0 : 4);
  const sequences = new Map<string, Buffer>();
  let body: BsonDocument | undefined;
  for (let at = HEADER_BYTES + 4; at < end; ) {
    const kind = bytes[at];
    const size = readLength(bytes, at + 1, end);
    const section = bytes.subarray(at + 1, at + 1 + size);
    at += 1 + size;
    if (kind === 0 && body === undefined) {
      body = readDocument(section);
    } else if (kind === 1) {
      const { name, documents } = readSequence(section);
      sequences.set(name, documents);
    } else {
      throw new ProtocolError(`A message has a section of kind ${kind} too many`);
    }
  }
  const database = body?.getString('$db');
  if (body === undefined || database === undefined) {
    throw new ProtocolError('A message has no body or names no database');
  }
  return { requestId, isQuery: false, isSilent: (flags & FLAG.moreToCome) !== 0, database, body, sequences };
}

function parseOpQuery(bytes: Buffer, requestId: number): RequestMessage {
  const nameEnd = bytes.indexOf(0, HEADER_BYTES + 4);
  const at = nameEnd + 1 + 8;
  if (nameEnd === -1 || at + 5 > bytes.length) {
    throw new ProtocolError('A query ends before its document');
  }
  const [database = ''] = bytes.toString('utf8', HEADER_BYTES + 4, nameEnd).split('.', 1);
  const body = readDocument(bytes.subarray(at, at + readLength(bytes, at, bytes.length)));
  return { requestId, isQuery: true, isSilent: false, database, body, sequences: new Map() };
}

function readSequence(section: Buffer): { readonly name: string; readonly documents: Buffer } {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd === -1) {
    throw new ProtocolError('A sequence of documents has no name');
  }
  const documents = section.subarray(nameEnd + 1);
  for (let at = 0; at < documents.length; ) {
    const size = readLength(documents, at, documents.length);
    checkBson(documents.subarray(at, at + size));
    at += size;
  }
  return { name: section.toString('utf8', 4, nameEnd), documents };
}

function readDocument(bytes: Buffer): BsonDocument {
  if (bytes.length > MAX_DOCUMENT_BYTES + COMMAND_OVERHEAD_BYTES) {
    throw new Error(`A document has ${bytes.length} bytes, more than ${MAX_DOCUMENT_BYTES}`);
  }
  checkBson(bytes);
  return new BsonDocument(bytes);
}

function readLength(bytes: Buffer, at: number, end: number): number {
  const length = at + 4 <= end ? bytes.readInt32LE(at) : 0;
  if (length < 5 || at + length > end) {
    throw new ProtocolError('A part of a message is longer than the message');
  }
  return length;
}
