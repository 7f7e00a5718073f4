import { decodeExactly } from '../bson/encode-document.ts';
import { CommandError } from '../errors/command-error.ts';
import { ERROR } from '../errors/error-names.ts';
import { toCommandError } from '../errors/to-command-error.ts';
import type { Command, CommandTable } from './command.ts';
import { openCursor } from './cursor-commands.ts';
import { collectionOf, onCollection } from './namespace.ts';
import { readReply } from './read-reply.ts';

const STATEMENTS = {
  createIndexes: {
    name: 'create-indexes',
    text: `SELECT documentdb_api_internal.create_indexes_non_concurrently(
      $1, $2::bytea::documentdb_core.bson, true)::bytea AS reply`,
  },
  dropIndexes: {
    name: 'drop-indexes',
    text: 'CALL documentdb_api.drop_indexes($1, $2::bytea::documentdb_core.bson, NULL)',
  },
  listIndexes: {
    name: 'list-indexes',
    text: `SELECT cursorpage::bytea AS page, continuation::bytea AS continuation, cursorid::text AS cursor
      FROM documentdb_api.list_indexes_cursor_first_page($1, $2::bytea::documentdb_core.bson)`,
  },
};

const createIndexes: Command = {
  needs: (request) => [onCollection(request, 'createIndex')],
  run: async (context) => {
    try {
      return await readReply(context, STATEMENTS.createIndexes);
    } catch (error) {
      const failure = toCommandError(error);
      if (failure.code !== ERROR.duplicateKey) {
        throw failure;
      }
      const namespace = `${context.request.database}.${collectionOf(context.request)}`;
      const message = `E11000 duplicate key error collection: ${namespace}: documents have the same key already`;
      throw new CommandError(ERROR.duplicateKey, message, { cause: error });
    }
  },
};

const dropIndexes: Command = {
  needs: (request) => [onCollection(request, 'dropIndex')],
  run: async (context) => {
    const { database, body } = context.request;
    const [row] = await context.run(STATEMENTS.dropIndexes, [database, body.bytes]);
    const hex = /^BSONHEX([0-9a-f]+)$/.exec(String(row?.['retval']))?.[1];
    if (hex === undefined) {
      throw new CommandError(ERROR.internal, 'The engine gave no reply to dropIndexes');
    }
    return { ...decodeExactly(Buffer.from(hex, 'hex')), ok: 1 };
  },
};

const listIndexes: Command = {
  needs: (request) => [onCollection(request, 'listIndexes')],
  run: async (context) => openCursor(context, STATEMENTS.listIndexes, collectionOf(context.request)),
};

/** Commands about indexes. */
export const indexCommands: CommandTable = { createIndexes, dropIndexes, listIndexes };
