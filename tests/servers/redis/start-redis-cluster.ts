import type { ServerOptions, TestServer } from '../test-server.ts';
import {
  findId,
  forget,
  inherit,
  introduce,
  SLOT_RANGES,
  succeed,
  takeSlots,
  waitUntilAgreed,
} from './cluster-topology.ts';
import { type RedisConfig, type RedisServer, startRedisProcess } from './redis-process.ts';

/** A Redis Cluster of three masters, each with a third of the slots. */
export interface RedisCluster {
  /** The masters, in the order of their slots. */
  readonly nodes: readonly TestServer[];
  /** Where they are. */
  readonly urls: readonly string[];
  /**
   * Puts a new node in the place of one. A node that runs hands over its data first: the new one becomes its replica,
   * it is killed, and the cluster promotes the replica. Of a node that was killed before, only the slots are left.
   */
  replaceNode(index: number): Promise<void>;
}

/** Options of {@link startRedisCluster}; settings are for every node. */
export interface RedisClusterOptions extends ServerOptions {
  readonly config?: RedisConfig;
}

const CLUSTER_CONFIG: RedisConfig = {
  'cluster-enabled': 'yes',
  'cluster-announce-ip': '127.0.0.1',
  // How long a node may be silent before the others take it for dead.
  'cluster-node-timeout': '2000',
  // A replica takes over however long it has been without its master.
  'cluster-replica-validity-factor': '0',
  'repl-diskless-sync-delay': '0',
};

/** Starts a cluster on free ports of the loopback interface and waits until its nodes agree. */
export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const startNode = async () => startRedisProcess({ ...CLUSTER_CONFIG, ...options.config }, options);
  const nodes = await Promise.all(SLOT_RANGES.map(startNode));
  await Promise.all(nodes.map(takeSlots));
  await introduce(nodes);
  await waitUntilAgreed(nodes);
  return {
    nodes,
    get urls() {
      return nodes.map(({ url }) => url);
    },
    replaceNode: async (index) => {
      await replaceNode(nodes, index, await startNode());
    },
  };
}

async function replaceNode(nodes: RedisServer[], index: number, fresh: RedisServer): Promise<void> {
  const old = nodes[index];
  if (old === undefined) {
    throw new RangeError(`The cluster has no node ${index}`);
  }
  const others = nodes.filter((node) => node !== old);
  const oldId = await findId(old, others);
  if (old.pid === undefined) {
    await introduce([fresh, ...others]);
    await inherit(fresh, others, index);
  } else {
    await introduce([fresh, ...nodes]);
    await succeed(old, fresh, others);
  }
  nodes[index] = fresh;
  await forget(oldId, nodes);
  await waitUntilAgreed(nodes);
  await old.end();
}
