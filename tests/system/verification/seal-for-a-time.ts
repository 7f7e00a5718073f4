/**
 * A program for tests: seals new transactions one by one in the register `main`, on top of whatever others seal meanwhile, until a time
 * is over. Prints what was acknowledged as JSON: a list of `[height, hash]`.
 *
 * Argument: JSON with `node` (a node identity), `endsAt` (milliseconds since 1970), and `folder` (SQLite and files) or `url` (PostgreSQL alone).
 */
import { join } from 'node:path';
import {
  anchorAnnouncements,
  anchorHashes,
  anchorHeads,
  createDocumentAnchorStore,
  createSigningKey,
  createTransaction,
  docketWorm,
  openFileAnchorStore,
  openVerifiedRegister,
  parseNodeIdentity,
  RegisterError,
} from '@sorcha/register';
import { openPostgresDocumentStore, openPostgresWormStore, openSqliteWormStore } from '@sorcha/storage-sql';
import { z } from 'zod';

const schema = z.object({
  node: z.string(),
  endsAt: z.number(),
  folder: z.string().optional(),
  url: z.string().optional(),
});
const { node, endsAt, folder, url = '' } = schema.parse(JSON.parse(process.argv[2] ?? ''));

async function openStores() {
  if (folder !== undefined) {
    const cold = await openSqliteWormStore({ file: join(folder, 'cold.sqlite'), definition: docketWorm });
    return { cold, anchors: openFileAnchorStore({ folder: join(folder, 'anchors') }), close: async () => cold.close() };
  }
  const cold = await openPostgresWormStore({ url, definition: docketWorm });
  const heads = await openPostgresDocumentStore({ url, definition: anchorHeads });
  const hashes = await openPostgresDocumentStore({ url, definition: anchorHashes });
  const announcements = await openPostgresDocumentStore({ url, definition: anchorAnnouncements });
  const all = [cold, heads, hashes, announcements];
  return {
    cold,
    anchors: createDocumentAnchorStore({ heads, hashes, announcements }),
    close: async () => void (await Promise.all(all.map(async (store) => store.close()))),
  };
}

const { cold, anchors, close } = await openStores();
const register = await openVerifiedRegister({ registerId: 'main', cold, anchors, node: parseNodeIdentity(node) });
const key = await createSigningKey('ed25519');
const acknowledged: [number, string][] = [];
for (let number = 0; Date.now() < endsAt; number += 1) {
  const { record } = createTransaction({ registerId: 'main', timestamp: number }, key);
  try {
    const { height, hash } = await register.seal([record], { rebase: true });
    acknowledged.push([height, hash]);
  } catch (error) {
    // The other one seals without a pause, and can be faster again and again.
    if (!(error instanceof RegisterError && error.code === 'SEQUENCE_CONFLICT')) throw error;
  }
}
await register.close();
await close();
process.stdout.write(JSON.stringify(acknowledged));
