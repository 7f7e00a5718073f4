import { BSON } from 'mongodb';
import { isPlainDocument } from '../bson/bson-document.ts';
import { decodeExactly } from '../bson/encode-document.ts';
import { CommandError } from '../errors/command-error.ts';
import { ERROR } from '../errors/error-names.ts';
import type { Command, CommandContext, CommandTable } from './command.ts';
import { openCursor } from './cursor-commands.ts';
import { collectionOf, onCluster, onCollection, onDatabase } from './namespace.ts';
import { readReply } from './read-reply.ts';

const STATEMENTS = {
  create: {
    name: 'create',
    text: 'SELECT documentdb_api.create_collection_view($1, $2::bytea::documentdb_core.bson)::bytea AS reply',
  },
  collMod: {
    name: 'coll-mod',
    text: 'SELECT documentdb_api.coll_mod($1, $2, $3::bytea::documentdb_core.bson)::bytea AS reply',
  },
  drop: { name: 'drop', text: 'SELECT documentdb_api.drop_collection($1, $2) AS dropped' },
  dropDatabase: { name: 'drop-database', text: 'SELECT documentdb_api.drop_database($1)' },
  rename: {
    name: 'rename',
    text: 'SELECT documentdb_api.rename_collection($1::bytea::documentdb_core.bson)::bytea AS reply',
  },
  listCollections: {
    name: 'list-collections',
    text: `SELECT cursorpage::bytea AS page, continuation::bytea AS continuation, cursorid::text AS cursor
      FROM documentdb_api.list_collections_cursor_first_page($1, $2::bytea::documentdb_core.bson)`,
  },
  listDatabases: {
    name: 'list-databases',
    text: 'SELECT documentdb_api.list_databases($1::bytea::documentdb_core.bson)::bytea AS reply',
  },
  collStats: { name: 'coll-stats', text: 'SELECT documentdb_api.coll_stats($1, $2, $3)::bytea AS reply' },
  dbStats: { name: 'db-stats', text: 'SELECT documentdb_api.db_stats($1, $2)::bytea AS reply' },
  validate: {
    name: 'validate',
    text: 'SELECT documentdb_api.validate($1, $2::bytea::documentdb_core.bson)::bytea AS reply',
  },
};

const create: Command = {
  needs: (request) => [onCollection(request, 'createCollection', 'insert')],
  isTransactional: true,
  run: async (context) => readReply(context, STATEMENTS.create),
};

const collMod: Command = {
  needs: (request) => [onCollection(request, 'collMod')],
  run: async (context) => {
    const { database, body } = context.request;
    return readReply(context, STATEMENTS.collMod, [database, collectionOf(context.request), body.bytes]);
  },
};

const drop: Command = {
  needs: (request) => [onCollection(request, 'dropCollection')],
  run: async (context) => {
    const { database } = context.request;
    const collection = collectionOf(context.request);
    const [row] = await context.run(STATEMENTS.drop, [database, collection]);
    return row?.['dropped'] === true ? { ns: `${database}.${collection}` } : {};
  },
};

const dropDatabase: Command = {
  needs: (request) => [onDatabase(request, 'dropDatabase')],
  run: async (context) => {
    await context.run(STATEMENTS.dropDatabase, [context.request.database]);
    return { dropped: context.request.database };
  },
};

const renameCollection: Command = {
  needs: (request) => {
    const [from, to] = [splitNamespace(request.body.get('renameCollection')), splitNamespace(request.body.get('to'))];
    if (from.database !== to.database) {
      throw new CommandError(ERROR.illegalOperation, 'A collection can only be renamed within its database');
    }
    const dropNeeds = request.body.isSet('dropTarget') ? [{ anyOf: ['dropCollection'], on: to }] : [];
    return [{ anyOf: ['renameCollectionSameDB'], on: { ...from, collection: '' } }, ...dropNeeds];
  },
  run: async (context) => readReply(context, STATEMENTS.rename, [context.request.body.bytes]),
};

const listCollections: Command = {
  // Names of those that the user may use are for everyone.
  needs: (request) =>
    request.body.isSet('nameOnly') && request.body.isSet('authorizedCollections')
      ? []
      : [onDatabase(request, 'listCollections')],
  run: async (context) => {
    const page = await openCursor(context, STATEMENTS.listCollections, '$cmd.ListCollections');
    const { client, request } = context;
    return client.isGranted(onDatabase(request, 'listCollections')) ? page : keepAuthorized(page, context);
  },
};

const listDatabases: Command = {
  needs: 'login',
  run: async (context) => {
    const reply = await readReply(context, STATEMENTS.listDatabases, [context.request.body.bytes]);
    if (context.client.isGranted(onCluster('listDatabases'))) {
      return reply;
    }
    const { databases, ...others } = decodeExactly(reply);
    const visible = context.client.privileges.flatMap(({ resource }) => ('db' in resource ? [resource.db] : []));
    const isVisible = (entry: unknown) =>
      visible.some((name) => name === '' || (isPlainDocument(entry) && entry['name'] === name));
    return { ...others, databases: Array.isArray(databases) ? databases.filter(isVisible) : [] };
  },
};

const collStats: Command = {
  needs: (request) => [onCollection(request, 'collStats')],
  run: async (context) => {
    const { database, body } = context.request;
    return readReply(context, STATEMENTS.collStats, [
      database,
      collectionOf(context.request),
      body.getNumber('scale') ?? 1,
    ]);
  },
};

const dbStats: Command = {
  needs: (request) => [onDatabase(request, 'dbStats')],
  run: async (context) => {
    const { database, body } = context.request;
    return readReply(context, STATEMENTS.dbStats, [database, body.getNumber('scale') ?? 1]);
  },
};

const validate: Command = {
  needs: (request) => [onCollection(request, 'validate')],
  run: async (context) => readReply(context, STATEMENTS.validate),
};

/** Commands about collections and databases as a whole. */
export const collectionCommands: CommandTable = {
  create,
  collMod,
  drop,
  dropDatabase,
  renameCollection,
  listCollections,
  listDatabases,
  collStats,
  dbStats,
  validate,
};

function keepAuthorized(page: Buffer, { client, request }: CommandContext): Record<string, unknown> {
  const cursor: unknown = decodeExactly(page)['cursor'];
  const batch = isPlainDocument(cursor) && Array.isArray(cursor['firstBatch']) ? cursor['firstBatch'] : [];
  const firstBatch = batch.filter((entry: unknown) => {
    const on = { database: request.database, collection: isPlainDocument(entry) ? String(entry['name']) : '' };
    return client.isGranted({ anyOf: ['find', 'insert', 'update', 'remove'], on });
  });
  return { cursor: { id: BSON.Long.ZERO, ns: `${request.database}.$cmd.listCollections`, firstBatch } };
}

function splitNamespace(value: unknown): { readonly database: string; readonly collection: string } {
  const [, database, collection] = /^([^.]+)\.(.+)$/s.exec(typeof value === 'string' ? value : '') ?? [];
  if (database === undefined || collection === undefined) {
    throw new CommandError(ERROR.invalidNamespace, `Invalid namespace: ${String(value)}`);
  }
  return { database, collection };
}
