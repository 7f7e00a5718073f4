import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { basename } from 'node:path';
import { MongoClient, MongoServerError } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listProcesses } from '../process/list-processes.ts';
import { startMongo } from './start-mongo.ts';

const options = { onEnd: onTestFinished, faults: true };

function open(url: string): MongoClient {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 30_000 });
  onTestFinished(() => client.close());
  return client;
}

/** Whether in order or by force. */
function waitForClose(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    socket.on('close', () => resolve());
  });
}

describe('startMongo', () => {
  it('starts servers next to each other, with access control, as replica sets', async () => {
    const servers = await Promise.all([startMongo(options), startMongo(options)]);
    expect(new Set(servers.map(({ url }) => new URL(url).port)).size).toBe(2);
    for (const server of servers) {
      expect(server.pid).toBeGreaterThan(1);
      const url = await server.createDatabase();
      const client = open(url);
      await client.db().collection('c').insertOne({ x: 1 });
      expect(`/${client.db().databaseName}`).toBe(new URL(url).pathname);
      expect(await client.db('admin').command({ hello: 1 })).toMatchObject({
        setName: 'sorcha',
        isWritablePrimary: true,
      });
      const { databases } = await client.db().admin().listDatabases();
      expect(databases.map(({ name }) => name)).toContain(client.db().databaseName);
    }
  });

  it('keeps what was acknowledged over kills under load, users and roles as well', async () => {
    const server = await startMongo(options);
    const client = open(await server.createDatabase());
    const db = client.db();
    await db.command({ createUser: 'survivor', pwd: 'x', roles: ['read'] });
    const kept = db.collection<{ _id: string }>('kept');
    const [acknowledged, codes] = [new Array<string>(), new Set<unknown>()];
    const done = new AbortController();
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0; !done.signal.aborted; n++) {
        const id = `${writer}-${n}`;
        await kept.insertOne({ _id: id }).then(
          () => acknowledged.push(id),
          (error: unknown) => codes.add(error instanceof MongoServerError ? error.code : 'network'),
        );
      }
    });
    for (let cycle = 0; cycle < 3; cycle++) {
      const goal = acknowledged.length + 30;
      await expect.poll(() => acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(goal);
      await server.kill();
      await server.restart();
    }
    done.abort();
    await Promise.all(writers);
    const found = new Set(await kept.distinct('_id'));
    expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
    // What the driver sent again is not written again.
    expect(codes).not.toContain(11000);
    expect(await db.command({ usersInfo: 'survivor' })).toMatchObject({ users: [{ user: 'survivor' }] });
  });

  it('undoes at a kill what was not committed, and knows afterwards what was', async () => {
    const server = await startMongo(options);
    const client = open(await server.createDatabase());
    const collection = client.db().collection<{ _id: string }>('c');
    await collection.insertOne({ _id: 'before' });
    const [committed, openOne] = [client.startSession(), client.startSession()];
    committed.startTransaction();
    await collection.insertOne({ _id: 'committed' }, { session: committed });
    await committed.commitTransaction();
    openOne.startTransaction();
    await collection.insertOne({ _id: 'open' }, { session: openOne });
    await server.kill();
    await server.restart();
    expect(await collection.distinct('_id')).toEqual(['before', 'committed']);
    // As a driver does when the first answer was lost.
    await committed.commitTransaction();
    await expect(openOne.commitTransaction()).rejects.toMatchObject({ code: 251 });
    await Promise.all([committed.endSession(), openOne.endSession()]);
  });

  it('answers nothing while it is paused, and all of it afterwards', async () => {
    const server = await startMongo(options);
    const client = open(await server.createDatabase());
    await client.db().collection('c').insertOne({ x: 1 });
    await server.pause();
    const find = client.db().collection('c').countDocuments();
    let isAnswered = false;
    const answer = find.finally(() => (isAnswered = true));
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    expect(isAnswered).toBe(false);
    await server.resume();
    expect(await answer).toBe(1);
  });

  it('refuses connections when it is stopped or killed, and cuts open ones', async () => {
    const server = await startMongo(options);
    const { port } = new URL(server.url);
    for (const end of [() => server.stop(), () => server.kill()]) {
      const socket = connect(Number(port), '127.0.0.1');
      await once(socket, 'connect');
      const closed = waitForClose(socket);
      await end();
      await closed;
      expect(server.pid).toBe(undefined);
      const attempt = new MongoClient(server.url, { directConnection: true, serverSelectionTimeoutMS: 300 });
      await expect(attempt.connect()).rejects.toThrow(/ECONNREFUSED/);
      await attempt.close();
      await server.restart();
    }
  });

  it('closes connections that send something else, and serves the others', async () => {
    const server = await startMongo(options);
    const client = open(server.url);
    await client.db('admin').command({ ping: 1 });
    for (const garbage of [
      Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
      Buffer.alloc(64),
      Buffer.alloc(64, 0xff),
      Buffer.from('1a000000010000000000000039300000000000000000000000', 'hex'),
    ]) {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      const closed = waitForClose(socket);
      socket.resume().write(Buffer.concat([garbage, Buffer.alloc(200)]));
      await closed;
    }
    expect(await client.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  it('leaves no process and no folder behind', async () => {
    const ends: (() => Promise<void>)[] = [];
    const server = await startMongo({ onEnd: (end) => ends.push(end), faults: true });
    const commandLine = readFileSync(`/proc/${server.pid}/cmdline`, 'utf8');
    const folder = /[^\0]*sorcha-(?:documentdb|mongod)-[^/\0]*/.exec(commandLine)?.[0] ?? '';
    expect(existsSync(folder)).toBe(true);
    expect(listProcesses(folder).length).toBeGreaterThanOrEqual(1);
    for (const end of ends) {
      await end();
    }
    expect(existsSync(folder)).toBe(false);
    expect(listProcesses(folder)).toEqual([]);
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(basename(folder));
  });
});
