import type { EngineStatement } from '../engine/engine-connection.ts';
import { CommandError } from '../errors/command-error.ts';
import { ERROR } from '../errors/error-names.ts';
import type { Command, CommandContext, CommandTable } from './command.ts';

const GET_MORE = {
  name: 'get-more',
  text: `SELECT cursorpage::bytea AS page, continuation::bytea AS continuation FROM documentdb_api.cursor_get_more(
    $1, $2::bytea::documentdb_core.bson, $3::bytea::documentdb_core.bson)`,
};
/** Removes what the engine keeps of cursors in files. */
const DELETE_CURSORS = {
  name: 'delete-cursors',
  text: 'SELECT documentdb_api_internal.delete_cursors($1::bigint[])',
};

/** Reads the first page of something and keeps what is needed to read on. */
export async function openCursor(
  context: CommandContext,
  statement: EngineStatement,
  collection: string,
): Promise<Buffer> {
  const { database, body } = context.request;
  const [row] = await context.run(statement, [database, body.bytes]);
  const { page, continuation, cursor } = row ?? {};
  if (!Buffer.isBuffer(page)) {
    throw new CommandError(ERROR.internal, `The engine gave no page to ${context.request.name}`);
  }
  if (Buffer.isBuffer(continuation) && typeof cursor === 'string' && cursor !== '0') {
    context.bridge.cursors.add({ id: cursor, database, collection, user: context.client.userKey, continuation });
  }
  return page;
}

const getMore: Command = {
  needs: 'login',
  isTransactional: true,
  run: async (context) => {
    const { body, database } = context.request;
    const cursor = context.bridge.cursors.take(String(body.get('getMore')), context.client.userKey);
    const collection = body.getString('collection');
    if (database !== cursor.database || collection !== cursor.collection) {
      context.bridge.cursors.add(cursor);
      throw new CommandError(
        ERROR.unauthorized,
        `cursor ${cursor.id} belongs to ${cursor.database}.${cursor.collection}, not to ${database}.${collection}`,
      );
    }
    const [row] = await context.run(GET_MORE, [database, body.bytes, cursor.continuation]);
    const { page, continuation } = row ?? {};
    if (!Buffer.isBuffer(page)) {
      throw new CommandError(ERROR.internal, 'The engine gave no page to getMore');
    }
    if (Buffer.isBuffer(continuation)) {
      context.bridge.cursors.add({ ...cursor, continuation });
    }
    return page;
  },
};

const killCursors: Command = {
  needs: 'login',
  isTransactional: true,
  run: async (context) => {
    const { bridge, client, request } = context;
    const ids = (request.body.getArray('cursors') ?? []).flatMap((id) => (typeof id === 'bigint' ? [id] : []));
    const killed = ids.filter((id) => bridge.cursors.remove(String(id), client.userKey));
    if (killed.length > 0) {
      await context.run(DELETE_CURSORS, [killed.map(String)]);
    }
    const cursorsNotFound = ids.filter((id) => !killed.includes(id));
    return { cursorsKilled: killed, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] };
  },
};

/** Commands that go on with a cursor. */
export const cursorCommands: CommandTable = { getMore, killCursors };
