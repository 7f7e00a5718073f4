import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Client } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startPostgres } from './start-postgres.ts';

const options = { onEnd: onTestFinished, faults: true };

/** Runs a query on a connection of its own and returns the first column. */
async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text, rowMode: 'array' });
    return rows.map(([value]) => value);
  } finally {
    await client.end();
  }
}

describe('startPostgres', () => {
  it('writes durably, in a server that sorts and tells the time unlike a program does', async () => {
    const { url } = await startPostgres(options);
    expect(await query(url, 'show fsync')).toEqual(['on']);
    expect(await query(url, 'show full_page_writes')).toEqual(['on']);
    expect(await query(url, "select * from (values ('a'), ('B')) as t(x) order by x")).toEqual(['a', 'B']);
    expect(await query(url, "select extract(timezone from timestamptz '2020-01-01')::text")).toEqual(['20700']);
  });

  it('keeps what was committed over kills, stops and a pause, and what was not is gone', async () => {
    const server = await startPostgres(options);
    await query(server.url, 'create table t (x int)');
    const open = new Client({ connectionString: server.url });
    open.on('error', () => undefined);
    await open.connect();
    await open.query('begin; insert into t values (0)');
    await query(server.url, 'insert into t values (1)');
    await server.kill();
    await expect(query(server.url, 'select 1')).rejects.toThrow(/ECONNREFUSED/);
    await server.restart();
    expect(await query(server.url, 'select x from t order by x')).toEqual([1]);
    await query(server.url, 'insert into t values (2)');
    await server.stop();
    await server.restart();
    await server.pause();
    const answer = query(server.url, 'select x from t order by x');
    await server.resume();
    expect(await answer).toEqual([1, 2]);
  });

  it('is killed with all its processes in the midst of its work, again and again', async () => {
    const server = await startPostgres(options);
    await query(server.url, 'create table t (x int)');
    for (let cycle = 0; cycle < 5; cycle++) {
      const work = query(server.url, 'insert into t select generate_series(1, 3000000)').catch(() => 'cut off');
      await query(server.url, 'select pg_sleep(0.05)');
      await server.kill();
      expect(await work).toBe('cut off');
      await server.restart();
      expect(await query(server.url, 'select count(*)::int from t')).toEqual([0]);
    }
  });

  it('starts two at once that know nothing of each other', async () => {
    const [left, right] = await Promise.all([startPostgres(options), startPostgres(options)]);
    expect(left.url).not.toBe(right.url);
    await query(left.url, 'create table t (x int)');
    expect(await query(right.url, "select to_regclass('t')")).toEqual([null]);
  });

  it('creates databases that are empty and apart', async () => {
    const server = await startPostgres(options);
    const [one, two] = await Promise.all([server.createDatabase(), server.createDatabase('Odd "name" 100%')]);
    await query(one, 'create table t (x int)');
    expect(await query(two, "select to_regclass('t')")).toEqual([null]);
    expect(await query(two, 'select current_database()::text')).toEqual(['Odd "name" 100%']);
  });

  it('refuses a wrong password', async () => {
    const { url } = await startPostgres(options);
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('takes settings, and says what is wrong with one', async () => {
    const { url } = await startPostgres({ ...options, config: { max_connections: '17' } });
    expect(await query(url, 'show max_connections')).toEqual(['17']);
    await expect(startPostgres({ ...options, config: { max_connections: 'many' } })).rejects.toThrow(
      /"max_connections"/,
    );
  });

  it('leaves no memory behind when it is killed and ended', async () => {
    const ends: (() => Promise<void>)[] = [];
    const server = await startPostgres({ faults: true, onEnd: (end) => ends.push(end) });
    const [folder = ''] = await query(server.url, 'show data_directory');
    const [line = ''] = await query(server.url, "select pg_read_file('postmaster.pid')");
    const segment = /(\d+)\s*\n\S*\s*$/.exec(String(line))?.[1] ?? 'unknown';
    const listSegments = () => execFileSync('ipcs', ['-m'], { encoding: 'utf8' }).split(/\s+/);
    expect(listSegments()).toContain(segment);
    await server.kill();
    await Promise.all(ends.map((end) => end()));
    expect(listSegments()).not.toContain(segment);
    expect(existsSync(String(folder))).toBe(false);
  });

  it('uses the server of POSTGRES_URL, unharmed, and drops what it made there', async () => {
    const server = await startPostgres(options);
    process.env['POSTGRES_URL'] = server.url;
    onTestFinished(() => {
      delete process.env['POSTGRES_URL'];
    });
    const ends: (() => Promise<void>)[] = [];
    const existing = await startPostgres({ onEnd: (end) => ends.push(end) });
    expect(existing).toMatchObject({ url: server.url, pid: undefined });
    await expect(existing.restart()).rejects.toThrow(/faults: true/);
    const database = await existing.createDatabase();
    const count = 'select count(*)::int from pg_database';
    expect(await query(database, count)).toEqual([4]);
    await Promise.all(ends.map((end) => end()));
    expect(await query(server.url, count)).toEqual([3]);
  });
});
