import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { docketWorm } from '@sorcha/register';
import { createStorageSchema, diagnose, loadConfig, openStorage } from '@sorcha/service-kit';
import { defineEntity } from '@sorcha/storage';
import { createPostgresWormTable } from '@sorcha/storage-sql';
import { startPostgres, startRedis } from '@sorcha/test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { openRawClient } from '../../../packages/storage-redis/src/testing/open-raw-client.ts';
import { openRawConnection } from '../../../packages/storage-sql/src/testing/open-raw-connection.ts';
import { writeConfig } from './create-start-check.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
const PASSWORD = 'of-a-test';

/** The commands of the page in one language, with a password in the place of the dots. */
function readBlocks(language: string): string[] {
  const blocks = [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))];
  return blocks.map(([, text = '']) => text.replaceAll('…', PASSWORD));
}

/** Starts what is configured, and says how it is. */
async function start(storage: object) {
  const file = await writeConfig(storage);
  const schema = z.strictObject({ storage: createStorageSchema() });
  const config = await loadConfig(schema, { file, environment: {} });
  const user = defineEntity({ name: 'user', schema: z.object({ id: z.string() }), key: 'id' });
  const { stores, health, close } = await openStorage(config.storage, (open) => ({
    cache: open.cache(),
    rows: open.relational([user]),
    dockets: open.worm(docketWorm),
  }));
  onTestFinished(close);
  return { stores, health: await health(), findings: await diagnose({ file, environment: {} }), user };
}

describe('the rights of docs/operations.md', () => {
  it('are enough, and with them the servers themselves protect what is written once', async () => {
    const [redis, postgres] = await Promise.all([
      startRedis({ onEnd: onTestFinished, config: {} }),
      startPostgres({ onEnd: onTestFinished, config: {} }),
    ]);
    const [acl = ''] = readBlocks('');
    const raw = await openRawClient(redis.url, onTestFinished);
    await raw.ask(...acl.trim().split(' '));
    const superuser = new URL(await postgres.createDatabase());
    const sql = await openRawConnection(superuser.href, onTestFinished);
    const database = superuser.pathname.slice(1);
    const blocks = readBlocks('sql');
    expect(blocks).toHaveLength(2);
    await sql.query(blocks.join('').replaceAll('database app', `database ${database}`));
    const as = (name: string) => `postgres://${name}:${PASSWORD}@${superuser.host}/${database}`;
    await createPostgresWormTable({
      url: as('records_owner'),
      schema: 'ledger',
      definition: docketWorm,
      serviceRole: 'ledger',
    });
    const { stores, health, findings, user } = await start({
      hot: { provider: 'redis', url: redis.url.replace('redis://', `redis://app:${PASSWORD}@`) },
      warm: { relational: { provider: 'postgres', url: as('app') } },
      cold: { provider: 'postgres', url: as('ledger'), schema: 'ledger' },
    });
    await stores.rows.tenant('acme').repository(user).add({ id: 'u' });
    await stores.cache.set('k', 1);
    expect(await stores.cache.removeByPattern('*')).toBe(1);
    expect(health).toMatchObject({ status: 'pass', stores: { dockets: { enforcement: 'database' } } });
    expect(findings.filter(({ status }) => status === 'fail')).toEqual([]);
  });
});
