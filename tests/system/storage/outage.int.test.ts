import { setTimeout as sleep } from 'node:timers/promises';
import { createStorageSchema, loadConfig, openStorage } from '@sorcha/service-kit';
import { type CacheStore, defineEntity } from '@sorcha/storage';
import type { HotCache } from '@sorcha/storage/layers';
import { startPostgres, startRedis, type TestServer } from '@sorcha/test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { waitUntil } from '../../../packages/storage-redis/src/testing/wait-until.ts';
import { createVersionLoad, type Read } from './create-version-load.ts';

const DEADLINE_MS = 250;
const BREAK_MS = 500;
const PHASE_MS = 2_000;
/** What a busy machine may add; the figures themselves are printed. */
const SLACK_MS = 1_000;
const ROWS = 200;

const counted = defineEntity({
  name: 'counted',
  schema: z.object({ id: z.string(), value: z.int() }),
  key: 'id',
});

function isHotCache(store: CacheStore): store is HotCache {
  return 'onEvent' in store && 'report' in store;
}

async function openHotOverWarm(redis: TestServer) {
  const postgres = await startPostgres({ onEnd: onTestFinished });
  const config = await loadConfig(createStorageSchema(), {
    environment: {
      SORCHA__HOT__PROVIDER: 'redis',
      SORCHA__HOT__URL: redis.url,
      SORCHA__HOT__DEADLINE_MS: String(DEADLINE_MS),
      SORCHA__HOT__BREAK_MS: String(BREAK_MS),
      SORCHA__WARM__RELATIONAL__PROVIDER: 'postgres',
      SORCHA__WARM__RELATIONAL__URL: await postgres.createDatabase(),
    },
  });
  const { stores, close } = await openStorage(config, (open) => ({
    cache: open.cache(),
    rows: open.relational([counted]),
  }));
  onTestFinished(close);
  const { cache } = stores;
  if (!isHotCache(cache)) {
    throw new Error('The cache of a configuration is a hot cache.');
  }
  const rows = stores.rows.repository(counted);
  const ids = Array.from({ length: ROWS }, (_, index) => `row:${index}`);
  await rows.addMany(ids.map((id) => ({ id, value: 0 })));
  return { cache, rows, ids };
}

function percentile(reads: readonly Read[], share: number): number {
  const sorted = reads.map(({ tookMs }) => tookMs).sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function describeReads(reads: readonly Read[]): string {
  const [p50, p99, longest] = [0.5, 0.99, 1].map((share) => percentile(reads, share).toFixed(1));
  return `${reads.length} reads, p50 ${p50} ms, p99 ${p99} ms, longest ${longest} ms`;
}

const tell = (text: string) => process.stderr.write(`outage: ${text}\n`);

describe('a hot tier on Redis over a warm one on PostgreSQL, under load', () => {
  it('whose Redis is killed, frozen and flapping goes on at the speed of the warm tier, and forgets nothing (SC-003, SC-007, FR-003)', async () => {
    const redis = await startRedis({ faults: true, onEnd: onTestFinished });
    const { cache, rows, ids } = await openHotOverWarm(redis);
    let beganAt = Number.NaN;
    cache.onEvent(({ kind }) => {
      if (kind === 'outage-began' && Number.isNaN(beganAt)) {
        beganAt = performance.now();
      }
    });
    const load = createVersionLoad({ cache, rows, ids, readers: 12, writers: 2 });
    onTestFinished(async () => load.stop());
    /** What is read in a while. */
    const measure = async (name: string): Promise<readonly Read[]> => {
      load.take();
      await sleep(PHASE_MS);
      const reads = load.take();
      tell(`${name}: ${describeReads(reads)}`);
      return reads;
    };
    const recover = async (): Promise<void> => {
      const mendedAt = performance.now();
      await waitUntil('it is used again', () => cache.report().breaker === 'closed' && cache.report().distrusted === 0);
      const { hits } = cache.statistics();
      await waitUntil('it is hit again', () => cache.statistics().hits > hits + 100);
      tell(`in full use again ${(performance.now() - mendedAt).toFixed(0)} ms after the server was`);
    };

    await sleep(PHASE_MS);
    await measure('before');
    load.readThrough('warm');
    const warmP99 = percentile(await measure('warm tier alone'), 0.99);
    load.readThrough('cache');
    await sleep(PHASE_MS / 4);

    for (const [name, signal, fail, mend] of [
      ['killed', 'SIGKILL', 'kill', 'restart'],
      ['frozen', 'SIGSTOP', 'pause', 'resume'],
    ] as const) {
      beganAt = Number.NaN;
      load.take();
      // Not yet by the server's own call, which looks through all processes meanwhile and would hold up the load.
      process.kill(redis.pid ?? Number.NaN, signal);
      await waitUntil('the outage is noticed', () => !Number.isNaN(beganAt));
      await sleep(PHASE_MS);
      const during = load.take().filter(({ startedAt }) => startedAt >= beganAt);
      const firstMs = Math.min(...during.map(({ startedAt, tookMs }) => startedAt + tookMs)) - beganAt;
      const p99 = percentile(during, 0.99);
      tell(`${name}: ${describeReads(during)}`);
      tell(
        `${name}: degraded service ${firstMs.toFixed(1)} ms after the first failed call; ` +
          `p99 is ${((p99 / warmP99) * 100).toFixed(0)} % of that of the warm tier alone`,
      );
      expect(firstMs).toBeLessThan(100 + SLACK_MS);
      expect(p99).toBeLessThan(warmP99 * 1.1 + SLACK_MS / 4);
      await redis[fail]();
      await redis[mend]();
      await recover();
    }

    for (let cycle = 0; cycle < 12; cycle += 1) {
      if (cycle % 3 === 2) {
        await redis.kill();
        await redis.restart();
      } else {
        await redis.pause();
        await sleep(cycle % 3 === 0 ? 50 : DEADLINE_MS + 150);
        await redis.resume();
      }
      await sleep(40 * (cycle % 4));
    }
    tell(`flapping: ${describeReads(load.take())}`);
    await recover();
    await measure('after');
    await load.stop();

    const { checked, changes, longestMs } = load;
    const counts = `${checked} answers, ${changes} changes, ${load.stale.length} stale, ${load.errors.length} errors`;
    tell(`${counts}, longest call ${longestMs.toFixed(0)} ms with a deadline of ${DEADLINE_MS} ms`);
    expect(load.errors).toEqual([]);
    expect(load.stale).toEqual([]);
    expect(changes).toBeGreaterThan(200);
    // One deadline to read, one for the lease or the write after it.
    expect(longestMs).toBeLessThan(2 * DEADLINE_MS + SLACK_MS);
    expect(cache.report()).toMatchObject({ breaker: 'closed', distrusted: 0 });
  });
});
