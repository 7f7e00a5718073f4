import type { CallEnd } from '../connection/deadline.ts';
import { listActions } from '../connection/list-actions.ts';
import type { MongoDatabase } from '../connection/mongo-database.ts';

/** Actions with which records can be changed or lost, or with which somebody can give himself those. */
const HARMFUL: ReadonlySet<string> = new Set([
  'anyAction',
  'applyOps',
  'bypassDocumentValidation',
  'changePassword',
  'collMod',
  'convertToCapped',
  'dropCollection',
  'dropDatabase',
  'dropIndex',
  'emptycapped',
  'grantRole',
  'internal',
  'remove',
  'renameCollectionSameDB',
  'update',
]);

/** The rights on a collection that this user should not have, as the server itself lists them. */
export async function findHarmfulRights(
  database: MongoDatabase,
  collection: string,
  end: CallEnd,
): Promise<Set<string>> {
  const actions = await listActions(database, collection, end);
  return new Set(
    actions === undefined ? ['anyAction (nobody has logged in)'] : [...actions].filter((action) => HARMFUL.has(action)),
  );
}
