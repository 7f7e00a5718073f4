import { setTimeout as delay } from 'node:timers/promises';
import type { RedisServer } from './redis-process.ts';

/** The slots of each of the three masters. */
export const SLOT_RANGES = [
  ['0', '5460'],
  ['5461', '10922'],
  ['10923', '16383'],
] as const;

const AGREE_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 50;

/** Gives a node of a new cluster its slots. */
export async function takeSlots(node: RedisServer, index: number): Promise<void> {
  await node.ask('CLUSTER', 'ADDSLOTSRANGE', ...(SLOT_RANGES[index] ?? []));
  // Epochs that differ from the start save the nodes the rounds in which they would find different ones.
  await node.ask('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
}

/** Makes every node know every other. */
export async function introduce(nodes: readonly RedisServer[]): Promise<void> {
  for (const node of nodes) {
    for (const other of nodes.filter((one) => one !== node)) {
      await node.ask('CLUSTER', 'MEET', '127.0.0.1', String(other.port), String(other.busPort));
    }
  }
  const ids = await Promise.all(nodes.map(readId));
  await until('know each other', async () => {
    const tables = await Promise.all(nodes.map(async (node) => node.ask('CLUSTER', 'NODES')));
    return tables.every((table) => !table.includes('handshake') && ids.every((id) => table.includes(id)));
  });
}

/** Waits until every node finds each slot at a node that answers, and all of them name the same owners. */
export async function waitUntilAgreed(nodes: readonly RedisServer[]): Promise<void> {
  const ids = await Promise.all(nodes.map(readId));
  await until('agree', async () => {
    const states = await Promise.all(nodes.map(async (node) => node.ask('CLUSTER', 'INFO')));
    const tables = await Promise.all(nodes.map(async (node) => node.ask('CLUSTER', 'NODES')));
    return (
      states.every((state) => state.includes('cluster_state:ok') && state.includes('cluster_slots_ok:16384')) &&
      tables.every((table) =>
        ids.every((id, index) =>
          table.split('\n').some((line) => line.startsWith(id) && line.endsWith(` ${SLOT_RANGES[index]?.join('-')}`)),
        ),
      )
    );
  });
}

/** The id under which the cluster knows a node, asked of the node or, when it is dead, of another one. */
export async function findId(node: RedisServer, others: readonly RedisServer[]): Promise<string> {
  if (node.pid !== undefined) {
    return readId(node);
  }
  const table = (await others[0]?.ask('CLUSTER', 'NODES')) ?? '';
  const line = table.split('\n').find((one) => one.includes(` 127.0.0.1:${node.port}@`));
  if (line === undefined) {
    throw new Error(`The cluster does not know the node on port ${node.port}:\n${table}`);
  }
  return line.split(' ', 1)[0] ?? '';
}

/** Makes a new node the successor of one that runs: it copies the data, then the old one is killed. */
export async function succeed(old: RedisServer, fresh: RedisServer, others: readonly RedisServer[]): Promise<void> {
  const [oldId, freshId] = await Promise.all([readId(old), readId(fresh)]);
  // Accepted as soon as the new node has heard of the role of the old one.
  await until('let the new node copy the old one', async () =>
    fresh.ask('CLUSTER', 'REPLICATE', oldId).then(
      () => true,
      () => false,
    ),
  );
  await until('copy the data', async () => (await fresh.ask('INFO', 'replication')).includes('master_link_status:up'));
  // A replica that does not know the slots of its master, or that the others do not know as one, is not promoted.
  await until('learn who copies whom', async () => {
    const tables = await Promise.all([fresh, ...others].map(async (node) => node.ask('CLUSTER', 'NODES')));
    const slots = await fresh.ask('CLUSTER', 'INFO');
    return (
      slots.includes('cluster_slots_assigned:16384') &&
      tables.every((table) =>
        table.split('\n').some((line) => line.startsWith(freshId) && line.includes(`slave ${oldId} `)),
      )
    );
  });
  await old.kill();
  await until('promote the replica', async () => (await fresh.ask('INFO', 'replication')).includes('role:master'));
}

/** Gives a new, empty node the slots of a dead one. */
export async function inherit(fresh: RedisServer, others: readonly RedisServer[], index: number): Promise<void> {
  const slots = SLOT_RANGES[index] ?? [];
  const all = [fresh, ...others];
  await Promise.all(all.map(async (node) => node.ask('CLUSTER', 'DELSLOTSRANGE', ...slots).catch(ignoreUnassigned)));
  await fresh.ask('CLUSTER', 'ADDSLOTSRANGE', ...slots);
  await fresh.ask('CLUSTER', 'BUMPEPOCH');
}

/** Strikes a dead node from the tables of the others. */
export async function forget(id: string, nodes: readonly RedisServer[]): Promise<void> {
  await Promise.all(nodes.map(async (node) => node.ask('CLUSTER', 'FORGET', id).catch(ignoreUnknown)));
}

const readId = async (node: RedisServer) => node.ask('CLUSTER', 'MYID');

/** A node that had not heard of the owner has nothing to take from it. */
function ignoreUnassigned(error: unknown): void {
  if (!(error instanceof Error && /already unassigned/.test(error.message))) {
    throw error;
  }
}

/** Another node may have spread the word already. */
function ignoreUnknown(error: unknown): void {
  if (!(error instanceof Error && /Unknown node/.test(error.message))) {
    throw error;
  }
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + AGREE_WITHIN_MS;
  while (!(await check())) {
    if (Date.now() > deadline) {
      throw new Error(`The nodes of the cluster did not ${what} within ${AGREE_WITHIN_MS} ms`);
    }
    await delay(ASK_EVERY_MS);
  }
}
