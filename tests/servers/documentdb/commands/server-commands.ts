import { MAX_DOCUMENT_BYTES, MAX_MESSAGE_BYTES } from '../wire/message.ts';
import type { Command, CommandContext, CommandReply, CommandTable } from './command.ts';
import { startLogin } from './login-commands.ts';
import { onCluster } from './namespace.ts';

/** The version of MongoDB whose protocol the bridge speaks. */
const VERSION = { text: '7.0.0', parts: [7, 0, 0, 0], wire: 21 } as const;
/** What the engine takes in one command. */
const MAX_WRITES = 25_000;
/** Drivers use transactions and repeat writes only with a replica set: this is one with a single member. */
const SET_NAME = 'sorcha';

const hello: Command = { needs: 'nothing', run: greet };

const ping: Command = { needs: 'nothing', run: () => ({}) };

const buildInfo: Command = {
  needs: 'nothing',
  run: ({ bridge }) => ({
    version: VERSION.text,
    versionArray: VERSION.parts,
    modules: [],
    storageEngines: ['documentdb'],
    documentdb: bridge.engineVersion,
    bits: 64,
    debug: false,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
  }),
};

const serverStatus: Command = {
  needs: () => [onCluster('serverStatus')],
  run: ({ bridge }) => ({
    host: bridge.address,
    version: VERSION.text,
    process: 'documentdb-bridge',
    pid: BigInt(process.pid),
    uptime: process.uptime(),
    localTime: new Date(),
    repl: { setName: SET_NAME, isWritablePrimary: true, hosts: [bridge.address], me: bridge.address },
  }),
};

const replSetGetStatus: Command = {
  needs: () => [onCluster('replSetGetStatus')],
  run: ({ bridge }) => ({
    set: SET_NAME,
    myState: 1,
    members: [{ _id: 0, name: bridge.address, health: 1, state: 1, stateStr: 'PRIMARY', self: true }],
  }),
};

const currentOp: Command = {
  needs: () => [onCluster('inprog')],
  run: ({ bridge }) => ({
    inprog: Array.from(bridge.running, ({ name, database, collection, clientId, startedAtMs }) => ({
      type: 'op',
      active: true,
      connectionId: clientId,
      op: name,
      ns: `${database}.${collection ?? '$cmd'}`,
      microsecs_running: BigInt(Math.round((performance.now() - startedAtMs) * 1000)),
    })),
  }),
};

/** Commands about the server. */
export const serverCommands: CommandTable = {
  hello,
  isMaster: hello,
  ismaster: hello,
  ping,
  buildInfo,
  buildinfo: buildInfo,
  serverStatus,
  replSetGetStatus,
  currentOp,
};

async function greet(context: CommandContext): Promise<CommandReply> {
  const { bridge, client, request } = context;
  const { address } = bridge;
  return {
    helloOk: true,
    isWritablePrimary: true,
    ismaster: true,
    secondary: false,
    readOnly: false,
    setName: SET_NAME,
    setVersion: 1,
    hosts: [address],
    primary: address,
    me: address,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: MAX_WRITES,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: client.id,
    minWireVersion: 0,
    maxWireVersion: VERSION.wire,
    ...describeMechanisms(context),
    ...(request.body.has('speculativeAuthenticate') ? await speculate(context) : {}),
  };
}

function describeMechanisms({ bridge, request }: CommandContext): Record<string, unknown> {
  const [, database, name] = /^([^.]+)\.(.+)$/s.exec(request.body.getString('saslSupportedMechs') ?? '') ?? [];
  const isKnown =
    database !== undefined && name !== undefined && bridge.accounts.users.find(database, name) !== undefined;
  return isKnown ? { saslSupportedMechs: ['SCRAM-SHA-256'] } : {};
}

/** A login that starts with the greeting spares a round trip; when it fails, the client starts again in the normal way. */
async function speculate(context: CommandContext): Promise<Record<string, unknown>> {
  const start = context.request.body.getDocument('speculativeAuthenticate') ?? {};
  const database = typeof start['db'] === 'string' ? start['db'] : context.request.database;
  try {
    return { speculativeAuthenticate: await startLogin(context, new Map(Object.entries(start)), database) };
  } catch {
    return {};
  }
}
