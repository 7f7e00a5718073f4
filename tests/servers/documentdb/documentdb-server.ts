import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { openAccountStore } from './auth/account-store.ts';
import { createCredentials } from './auth/credentials.ts';
import type { Bridge, RunningCommand } from './commands/command.ts';
import { readDocumentdbTree } from './engine/documentdb-tree.ts';
import { type Engine, openEngine } from './engine/open-engine.ts';
import { startEngine } from './engine/start-engine.ts';
import { CursorTable } from './sessions/cursor-table.ts';
import { TransactionTable } from './sessions/transaction-table.ts';
import { serveConnection } from './wire/serve-connection.ts';

// A server that speaks MongoDB's protocol, as a program: DocumentDB (PostgreSQL) as its child process does the work.
// SIGTERM ends both in order; when this process is killed, the kernel kills the child. The password of the user `root` of
// the database `admin`, made at the first start, is in the environment: other users of the machine can read the command line.

const { values } = parseArgs({
  options: { tree: { type: 'string' }, folder: { type: 'string' }, port: { type: 'string' } },
});
const { tree, folder, port } = values;
const rootPassword = process.env['SORCHA_ROOT_PASSWORD'];
if (tree === undefined || folder === undefined || port === undefined || rootPassword === undefined) {
  throw new Error('Usage: SORCHA_ROOT_PASSWORD=… documentdb-server.ts --tree <folder> --folder <folder> --port <port>');
}

const engineProcess = await startEngine(readDocumentdbTree(tree), folder);
const engine = await openEngine(folder);
const bridge = await openBridge(engine, `127.0.0.1:${port}`, rootPassword);
const sockets = new Set<Socket>();
let connectionCount = 0;
const server = createServer((socket) => {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  void serveConnection(bridge, socket, ++connectionCount);
});
server.listen(Number(port), '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`Listening on 127.0.0.1:${port}\n`);

let isStopping = false;
process.once('SIGTERM', () => {
  isStopping = true;
  void stop();
});
await engineProcess.ended;
if (!isStopping) {
  process.stderr.write('PostgreSQL ended by itself\n');
}
process.exit(isStopping ? 0 : 1);

async function stop(): Promise<void> {
  server.close();
  for (const socket of sockets) {
    socket.destroy();
  }
  bridge.cursors.close();
  // It closes all connections to it: transactions end without a trace.
  await engineProcess.stop();
}

async function openBridge(opened: Engine, address: string, password: string): Promise<Bridge> {
  const accounts = await openAccountStore(opened);
  if (accounts.users.find('admin', 'root') === undefined) {
    const credentials = await createCredentials(password);
    await accounts.users.put('admin', 'root', { roles: [{ role: 'root', db: 'admin' }], credentials });
  }
  const statement = { name: 'version', text: `SELECT extversion FROM pg_extension WHERE extname = 'documentdb'` };
  const [row] = await opened.use((connection) => connection.run(statement, []));
  const engineVersion = String(row?.['extversion']);
  const [cursors, transactions, running] = [new CursorTable(), new TransactionTable(opened), new Set<RunningCommand>()];
  return { engine: opened, accounts, cursors, transactions, running, address, engineVersion };
}
