import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type AnchorStore,
  anchorAnnouncements,
  anchorHashes,
  anchorHeads,
  createDocumentAnchorStore,
  createNodeIdentity,
  docketWorm,
  openFileAnchorStore,
  toNodeIdentityText,
  toTrustedNode,
  verifyRegister,
} from '@sorcha/register';
import type { WormStore } from '@sorcha/storage';
import { createTemporaryFolder } from '@sorcha/storage/testing';
import { openPostgresDocumentStore, openPostgresWormStore, openSqliteWormStore } from '@sorcha/storage-sql';
import { startPostgres } from '@sorcha/test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

/** How long the processes seal: 5 s in every run, 60 for the whole claim. */
const SECONDS = Number(process.env['SORCHA_TEST_SECONDS'] ?? 5);
const START_MS = 3_000;
const PROGRAM = join(import.meta.dirname, 'seal-for-a-time.ts');
const node = await createNodeIdentity('node.test');
const output = z.array(z.tuple([z.int(), z.string()]));

/** Lets a process seal until a time, and gives what it acknowledged. */
async function sealUntil(endsAt: number, place: object): Promise<[number, string][]> {
  const options = JSON.stringify({ node: toNodeIdentityText(node), endsAt, ...place });
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--conditions=sorcha-source', PROGRAM, options], {
    maxBuffer: 2 ** 26,
  });
  return output.parse(JSON.parse(stdout));
}

interface Place {
  readonly name: string;
  /** Opens the stores, and says how the program opens them. */
  readonly open: () => Promise<{ cold: WormStore<string>; anchors: AnchorStore; place: object }>;
}

const PLACES: readonly Place[] = [
  {
    name: 'one SQLite file, with heads in files',
    open: async () => {
      const folder = await createTemporaryFolder(onTestFinished);
      const cold = await openSqliteWormStore({ file: join(folder, 'cold.sqlite'), definition: docketWorm });
      onTestFinished(async () => cold.close());
      return { cold, anchors: openFileAnchorStore({ folder: join(folder, 'anchors') }), place: { folder } };
    },
  },
  {
    name: 'one PostgreSQL database, with heads in documents',
    open: async () => {
      const server = await startPostgres({ onEnd: onTestFinished });
      const url = await server.createDatabase();
      const cold = await openPostgresWormStore({ url, definition: docketWorm });
      const heads = await openPostgresDocumentStore({ url, definition: anchorHeads });
      const hashes = await openPostgresDocumentStore({ url, definition: anchorHashes });
      const announcements = await openPostgresDocumentStore({ url, definition: anchorAnnouncements });
      onTestFinished(async () => {
        for (const store of [cold, heads, hashes, announcements]) await store.close();
      });
      return { cold, anchors: createDocumentAnchorStore({ heads, hashes, announcements }), place: { url } };
    },
  },
];

describe('two processes that seal the same register', () => {
  it.each(PLACES)('on $name never fork it, and lose nothing that was acknowledged', async ({ name, open }) => {
    const { cold, anchors, place } = await open();
    const endsAt = Date.now() + START_MS + 1_000 * SECONDS;
    const acknowledged = await Promise.all([sealUntil(endsAt, place), sealUntil(endsAt, place)]);
    const all = acknowledged.flat();
    const trusted = toTrustedNode(node);
    const found = await verifyRegister({ registerId: 'main', cold, anchors, node: trusted });
    expect(found).toMatchObject({ anchor: 'matched', ranges: [], verifiedDockets: all.length });
    const hashes = Array.from({ length: all.length }, (_, row) => Buffer.from(found.table.hash(row)).toString('hex'));
    expect(new Map(all)).toEqual(new Map(hashes.entries()));
    const counts = acknowledged.map(({ length }) => length);
    process.stderr.write(`two writers on ${name}: ${counts.join(' and ')} dockets in ${SECONDS} s, no gap, no fork\n`);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });
});
