import { aggregateNeeds } from './aggregate-needs.ts';
import type { Command, CommandTable } from './command.ts';
import { openCursor } from './cursor-commands.ts';
import { explainAggregate } from './explain-command.ts';
import { collectionOf, onCollection } from './namespace.ts';
import { readReply } from './read-reply.ts';

const STATEMENTS = {
  find: {
    name: 'find',
    text: `SELECT cursorpage::bytea AS page, continuation::bytea AS continuation, cursorid::text AS cursor
      FROM documentdb_api.find_cursor_first_page($1, $2::bytea::documentdb_core.bson)`,
  },
  aggregate: {
    name: 'aggregate',
    text: `SELECT cursorpage::bytea AS page, continuation::bytea AS continuation, cursorid::text AS cursor
      FROM documentdb_api.aggregate_cursor_first_page($1, $2::bytea::documentdb_core.bson)`,
  },
  count: {
    name: 'count',
    text: 'SELECT document::bytea AS reply FROM documentdb_api.count_query($1, $2::bytea::documentdb_core.bson)',
  },
  distinct: {
    name: 'distinct',
    text: 'SELECT document::bytea AS reply FROM documentdb_api.distinct_query($1, $2::bytea::documentdb_core.bson)',
  },
};

const find: Command = {
  needs: (request) => [onCollection(request, 'find')],
  isTransactional: true,
  run: async (context) => openCursor(context, STATEMENTS.find, collectionOf(context.request)),
};

const aggregate: Command = {
  needs: aggregateNeeds,
  isTransactional: true,
  run: async (context) => {
    const { body } = context.request;
    if (body.isSet('explain')) {
      return explainAggregate(context);
    }
    const collection = body.getString('aggregate') ?? '$cmd.aggregate';
    return openCursor(context, STATEMENTS.aggregate, collection);
  },
};

const count: Command = {
  needs: (request) => [onCollection(request, 'find')],
  run: async (context) => readReply(context, STATEMENTS.count),
};

const distinct: Command = {
  needs: (request) => [onCollection(request, 'find')],
  isTransactional: true,
  run: async (context) => readReply(context, STATEMENTS.distinct),
};

/** Commands that read documents. */
export const readCommands: CommandTable = { find, aggregate, count, distinct };
