import { z } from 'zod';
import { BsonDocument } from '../bson/bson-document.ts';
import { CommandError } from '../errors/command-error.ts';
import { ERROR } from '../errors/error-names.ts';
import { aggregateNeeds } from './aggregate-needs.ts';
import type { Command, CommandContext, CommandReply, CommandRequest, CommandTable } from './command.ts';

const QUERIES: ReadonlyMap<string, string> = new Map([
  ['find', 'bson_aggregation_find'],
  ['aggregate', 'bson_aggregation_pipeline'],
  ['count', 'bson_aggregation_count'],
  ['distinct', 'bson_aggregation_distinct'],
]);

const planSchema = z.looseObject({
  'Node Type': z.string(),
  'Index Name': z.string().optional(),
  'Index Cond': z.string().optional(),
  get Plans() {
    return z.array(planSchema).optional();
  },
});
const explainedSchema = z.tuple([z.object({ Plan: planSchema })]);
type Plan = z.output<typeof planSchema>;

const explain: Command = {
  needs: (request) => {
    const inner = innerRequest(request);
    return inner.name === 'aggregate'
      ? aggregateNeeds(inner)
      : [{ anyOf: ['find'], on: { database: inner.database, collection: inner.body.getString(inner.name) ?? '' } }];
  },
  run: async (context) => explainQuery(context, innerRequest(context.request)),
};

/** The command that says how a query would be run. */
export const explainCommands: CommandTable = { explain };

/** An `aggregate` with `explain: true`. */
export async function explainAggregate(context: CommandContext): Promise<CommandReply> {
  return explainQuery(context, context.request);
}

/**
 * Answers the part of MongoDB's `queryPlanner` that says which indexes are used: `IXSCAN` with the name of the index, or
 * `COLLSCAN`. The whole plan of the engine is beside it.
 */
async function explainQuery(context: CommandContext, inner: CommandRequest): Promise<CommandReply> {
  const query = QUERIES.get(inner.name);
  if (query === undefined) {
    throw new CommandError(ERROR.commandNotSupported, `Explaining ${inner.name} is not supported`);
  }
  const text = `EXPLAIN (FORMAT JSON) SELECT document FROM documentdb_api_catalog.${query}($1, $2::bytea::documentdb_core.bson)`;
  const [row] = await context.run({ name: `explain-${inner.name}`, text }, [inner.database, inner.body.bytes]);
  const [{ Plan: plan }] = explainedSchema.parse(row?.['QUERY PLAN']);
  const indexes = listIndexes(plan);
  const scans = indexes.map((indexName) => ({ stage: 'IXSCAN', indexName }));
  const inputs = scans.length > 1 ? { inputStages: scans } : { inputStage: scans[0] };
  return {
    explainVersion: '1',
    queryPlanner: {
      namespace: `${inner.database}.${inner.body.getString(inner.name) ?? ''}`,
      winningPlan: scans.length === 0 ? { stage: 'COLLSCAN' } : { stage: 'FETCH', ...inputs },
      rejectedPlans: [],
    },
    engine: JSON.stringify(plan),
  };
}

/** The indexes that narrow the search. The engine reads whole collections through `_id_`, too: that narrows nothing. */
function listIndexes(plan: Plan): string[] {
  const name = plan['Index Name'];
  const condition = plan['Index Cond'] ?? '';
  const isNarrow = name !== undefined && (name !== '_id_' || condition.includes('object_id'));
  return [...(isNarrow ? [name] : []), ...(plan.Plans ?? []).flatMap(listIndexes)];
}

function innerRequest(request: CommandRequest): CommandRequest {
  const bytes = request.body.getBytes('explain');
  if (bytes === undefined) {
    throw new CommandError(ERROR.failedToParse, 'explain names no command');
  }
  const body = new BsonDocument(bytes);
  return { ...request, body, name: body.names()[0] ?? '' };
}
