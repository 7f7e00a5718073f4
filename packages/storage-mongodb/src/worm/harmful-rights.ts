import type { CallOptions } from '@sorcha/storage';
import { z } from 'zod';
import type { MongoDatabase } from '../connection/mongo-database.ts';

/** Actions with which records can be changed or lost, or with which somebody can give himself those. */
const HARMFUL: ReadonlySet<string> = new Set([
  'anyAction',
  'applyOps',
  'bypassDocumentValidation',
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

const resourceSchema = z.looseObject({
  db: z.string().optional(),
  collection: z.string().optional(),
  cluster: z.boolean().default(false),
  anyResource: z.boolean().default(false),
});
const statusSchema = z.looseObject({
  authInfo: z.looseObject({
    authenticatedUsers: z.array(z.unknown()),
    authenticatedUserPrivileges: z.array(z.looseObject({ resource: resourceSchema, actions: z.array(z.string()) })),
  }),
});

/** The rights on a collection that this user should not have, as the server itself lists them. */
export async function findHarmfulRights(
  database: MongoDatabase,
  collection: string,
  call: CallOptions | undefined,
): Promise<Set<string>> {
  const reply: unknown = await database.read(
    async (db, options) => db.command({ connectionStatus: 1, showPrivileges: true }, options),
    call,
  );
  const { authenticatedUsers, authenticatedUserPrivileges } = statusSchema.parse(reply).authInfo;
  if (authenticatedUsers.length === 0) {
    // Without a login a server lets do nothing, or everything when it has no access control.
    return new Set(['anyAction (nobody has logged in)']);
  }
  const isAbout = ({ db, collection: only, cluster, anyResource }: z.output<typeof resourceSchema>) =>
    cluster || anyResource || ((db === '' || db === database.name) && (only === '' || only === collection));
  const actions = authenticatedUserPrivileges
    .filter(({ resource }) => isAbout(resource))
    .flatMap((privilege) => privilege.actions);
  return new Set(actions.filter((action) => HARMFUL.has(action)));
}
