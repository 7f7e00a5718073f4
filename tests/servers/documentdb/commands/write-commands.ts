import { DatabaseError } from 'pg';
import { BsonDocument, isPlainDocument } from '../bson/bson-document.ts';
import { decodeExactly } from '../bson/encode-document.ts';
import { CommandError } from '../errors/command-error.ts';
import { describeDuplicate } from '../errors/describe-duplicate.ts';
import { ERROR } from '../errors/error-names.ts';
import { SQL_STATE, toCommandError } from '../errors/to-command-error.ts';
import { translateWriteErrors } from '../errors/translate-write-errors.ts';
import type { Command, CommandContext, CommandRequest, CommandTable } from './command.ts';
import { collectionOf, onCollection } from './namespace.ts';
import { readReply } from './read-reply.ts';

/** What MongoDB's drivers call a write that may be sent again. */
export type WriteName = 'insert' | 'update' | 'delete' | 'findAndModify';

const writeStatement = (name: string) => ({
  name,
  text: `SELECT bridge.whole(p_result::bytea, p_success) AS reply FROM documentdb_api.${name}(
    $1, $2::bytea::documentdb_core.bson, $3::bytea::documentdb_core.bsonsequence, NULL)`,
});
const STATEMENTS = {
  insert: writeStatement('insert'),
  update: writeStatement('update'),
  delete: writeStatement('delete'),
  findAndModify: {
    name: 'find-and-modify',
    text: `SELECT bridge.whole(p_result::bytea, p_success) AS reply FROM documentdb_api.find_and_modify(
      $1, $2::bytea::documentdb_core.bson, CASE WHEN $3::bytea IS NULL THEN NULL END)`,
  },
};
const WRITE_ONCE = {
  name: 'write-once',
  text: `SELECT bridge.write_once(decode($1, 'hex'), $2, $3, $4, $5, $6) AS reply`,
};

/** The field with the documents, and whether a command without it is complete. */
const SEQUENCES = { insert: 'documents', update: 'updates', delete: 'deletes', findAndModify: undefined } as const;

const insert: Command = {
  needs: (request) => [onCollection(request, 'insert'), ...bypassNeeds(request)],
  isTransactional: true,
  run: async (context) => write(context, 'insert'),
};

const update: Command = {
  needs: (request) => {
    const upserts = listStatements(request, 'updates').some((statement) => statement['upsert'] === true);
    const insertNeeds = upserts ? [onCollection(request, 'insert')] : [];
    return [onCollection(request, 'update'), ...insertNeeds, ...bypassNeeds(request)];
  },
  isTransactional: true,
  run: async (context) => write(context, 'update'),
};

const remove: Command = {
  needs: (request) => [onCollection(request, 'remove')],
  isTransactional: true,
  run: async (context) => write(context, 'delete'),
};

const findAndModify: Command = {
  needs: (request) => [
    onCollection(request, 'find'),
    onCollection(request, request.body.isSet('remove') ? 'remove' : 'update'),
    ...(request.body.isSet('upsert') ? [onCollection(request, 'insert')] : []),
    ...bypassNeeds(request),
  ],
  isTransactional: true,
  run: async (context) => write(context, 'findAndModify'),
};

/** Commands that change documents. */
export const writeCommands: CommandTable = { insert, update, delete: remove, findAndModify };

function bypassNeeds(request: CommandRequest) {
  return request.body.isSet('bypassDocumentValidation') ? [onCollection(request, 'bypassDocumentValidation')] : [];
}

async function write(context: CommandContext, kind: WriteName): Promise<Buffer> {
  const { bridge, request, step } = context;
  const [collection, field] = [collectionOf(request), SEQUENCES[kind]];
  const documents = field === undefined ? null : (request.sequences.get(field) ?? null);
  const values = [request.database, request.body.bytes, documents];
  const isInTransaction = step?.isTransaction === true;
  let reply: Buffer;
  try {
    // Alone, the engine overlooks a document to remove when another one changes it at that moment.
    const isIsolated = kind === 'delete' || (kind === 'findAndModify' && request.body.isSet('remove'));
    reply = await (step === undefined || isInTransaction
      ? readReply(context, { ...STATEMENTS[kind], isIsolated }, values)
      : readReply(context, { ...WRITE_ONCE, isIsolated }, [step.session, step.txnNumber, kind, ...values]));
  } catch (error) {
    throw await describeFailure(error, context, collection);
  }
  const { database } = request;
  const documentAt = (index: number) => (kind === 'insert' ? listStatements(request, 'documents')[index] : undefined);
  const translated = await translateWriteErrors(reply, {
    engine: bridge.engine,
    database,
    collection,
    isInTransaction,
    documentAt,
  });
  if (translated.hasErrors && step !== undefined && isInTransaction) {
    // As with MongoDB, an error of one document ends the transaction, although the command itself is answered.
    await bridge.transactions.abortOpen(step.session);
  }
  return translated.reply;
}

/** The documents or statements of a write, wherever they came. */
function listStatements(request: CommandRequest, field: string): Readonly<Record<string, unknown>>[] {
  const sequence = request.sequences.get(field);
  if (sequence === undefined) {
    const values = request.body.getExactly(field);
    return Array.isArray(values) ? values.filter(isPlainDocument) : [];
  }
  const documents: Record<string, unknown>[] = [];
  for (let at = 0; at < sequence.length; at += sequence.readInt32LE(at)) {
    documents.push(decodeExactly(sequence.subarray(at, at + sequence.readInt32LE(at))));
  }
  return documents;
}

/** `findAndModify` raises what the others report beside the reply: a duplicate gets the same words and fields here. */
async function describeFailure(error: unknown, context: CommandContext, collection: string): Promise<CommandError> {
  const { bridge, request, step } = context;
  const failure = toCommandError(error, step?.isTransaction === true);
  if (failure.code !== ERROR.duplicateKey || !(error instanceof DatabaseError)) {
    return failure;
  }
  const { database } = request;
  const index = { constraint: error.constraint ?? '' };
  const document = error.code === SQL_STATE.exclusionViolation ? readDocument(error.detail) : undefined;
  const { errmsg, ...details } = await describeDuplicate(bridge.engine, { database, collection, index, document });
  return new CommandError(failure.code, errmsg, { cause: error, details });
}

/** The detail of the error starts with the document that was to be written. */
function readDocument(detail: string | undefined): Record<string, unknown> | undefined {
  const hex = /=\(BSONHEX([0-9a-f]+)/.exec(detail ?? '')?.[1];
  return hex === undefined ? undefined : decodeExactly(new BsonDocument(Buffer.from(hex, 'hex')).bytes);
}
