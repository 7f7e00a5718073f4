import { z } from 'zod';
import type { CallEnd } from './deadline.ts';
import type { MongoDatabase } from './mongo-database.ts';

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

/**
 * What this user may do, as the server itself lists it: in one collection, or somewhere in the database. `undefined` when nobody
 * has logged in, where a server lets do nothing, or everything when it has no access control.
 */
export async function listActions(
  database: MongoDatabase,
  collection?: string,
  end?: CallEnd,
): Promise<Set<string> | undefined> {
  const reply: unknown = await database.read(
    async (options) => database.db.command({ connectionStatus: 1, showPrivileges: true }, options),
    end,
  );
  const { authenticatedUsers, authenticatedUserPrivileges } = statusSchema.parse(reply).authInfo;
  if (authenticatedUsers.length === 0) {
    return undefined;
  }
  const isAbout = ({ db, collection: only, cluster, anyResource }: z.output<typeof resourceSchema>) =>
    cluster ||
    anyResource ||
    ((db === '' || db === database.name) && (collection === undefined || only === '' || only === collection));
  const about = authenticatedUserPrivileges.filter(({ resource }) => isAbout(resource));
  return new Set(about.flatMap(({ actions }) => actions));
}
