import { setTimeout as delay } from 'node:timers/promises';
import { encodeDocument } from '../bson/encode-document.ts';
import type { EngineConnection } from '../engine/engine-connection.ts';
import { CommandError } from '../errors/command-error.ts';
import { ERROR } from '../errors/error-names.ts';
import { toCommandError } from '../errors/to-command-error.ts';
import { readSessionStep, type SessionStep } from '../sessions/session-key.ts';
import type { RequestMessage } from '../wire/message.ts';
import type { ClientState } from './client-state.ts';
import { collectionCommands } from './collection-commands.ts';
import type { Bridge, Command, CommandRequest, CommandTable } from './command.ts';
import { cursorCommands } from './cursor-commands.ts';
import { explainCommands } from './explain-command.ts';
import { indexCommands } from './index-commands.ts';
import { loginCommands } from './login-commands.ts';
import { readCommands } from './read-commands.ts';
import { roleCommands } from './role-commands.ts';
import { serverCommands } from './server-commands.ts';
import { sessionCommands } from './session-commands.ts';
import { userCommands } from './user-commands.ts';
import { writeCommands } from './write-commands.ts';

const COMMANDS: CommandTable = {
  ...readCommands,
  ...writeCommands,
  ...cursorCommands,
  ...explainCommands,
  ...collectionCommands,
  ...indexCommands,
  ...serverCommands,
  ...sessionCommands,
  ...loginCommands,
  ...userCommands,
  ...roleCommands,
};

/** A conflict outside of a transaction is the server's to solve: the command runs again, so often. */
const ATTEMPTS = 50;
const PAUSE_MS = 2;

/** After these the whole transaction can be run again. */
const TRANSIENT: ReadonlySet<number> = new Set([ERROR.writeConflict, ERROR.noSuchTransaction, ERROR.lockTimeout]);

/** Runs a request; whatever happens becomes a reply. */
export async function runCommand(bridge: Bridge, client: ClientState, message: RequestMessage): Promise<Buffer> {
  const step = readSessionStep(message.body);
  const request = { ...message, name: message.body.names()[0] ?? '' };
  const running = {
    name: request.name,
    database: request.database,
    collection: request.body.getString(request.name),
    clientId: client.id,
    startedAtMs: performance.now(),
  };
  bridge.running.add(running);
  try {
    const command = findCommand(request);
    checkRights(command, client, request);
    const reply = await runWhereItBelongs(bridge, client, request, command, step);
    return Buffer.isBuffer(reply) ? reply : encodeDocument({ ok: 1, ...reply });
  } catch (error) {
    return encodeDocument(label(toCommandError(error, step?.isTransaction === true), step).toReply());
  } finally {
    bridge.running.delete(running);
  }
}

function findCommand(request: CommandRequest): Command {
  const command = Object.hasOwn(COMMANDS, request.name) ? COMMANDS[request.name] : undefined;
  if (command === undefined) {
    throw new CommandError(ERROR.commandNotFound, `no such command: '${request.name}'`);
  }
  if (request.isQuery && command !== COMMANDS['hello']) {
    throw new CommandError(ERROR.unsupportedOpQuery, `Unsupported OP_QUERY command: ${request.name}`);
  }
  return command;
}

function checkRights(command: Command, client: ClientState, request: CommandRequest): void {
  const { needs } = command;
  if (needs === 'login') {
    client.checkLogin(request.name);
  } else if (needs !== 'nothing') {
    client.checkNeeds(request.name, () => needs(request));
  }
}

async function runWhereItBelongs(
  bridge: Bridge,
  client: ClientState,
  request: CommandRequest,
  command: Command,
  step: SessionStep | undefined,
) {
  const isInTransaction = step?.isTransaction === true;
  const limits = { limitMs: readLimit(request), signal: request.isSilent ? undefined : client.signal };
  const context = { bridge, client, request, step };
  if (step === undefined || !isInTransaction) {
    return repeatOnConflict(() =>
      command.run({
        ...context,
        run: async (statement, values) =>
          bridge.engine.use((connection) =>
            statement.isIsolated === true
              ? connection.runIsolated(statement, values, limits)
              : connection.run(statement, values, limits),
          ),
      }),
    );
  }
  if (request.name === 'commitTransaction' || request.name === 'abortTransaction') {
    return command.run({ ...context, run: async () => [] });
  }
  try {
    const connection = await findConnection(bridge, step);
    if (command.isTransactional !== true) {
      const message = `Cannot run '${request.name}' in a multi-document transaction.`;
      throw new CommandError(ERROR.operationNotSupportedInTransaction, message);
    }
    return await command.run({
      ...context,
      run: async (statement, values) => connection.run(statement, values, limits),
    });
  } catch (error) {
    if (!isOutdated(error)) {
      await bridge.transactions.abortOpen(step.session);
    }
    throw error;
  }
}

/** The step belongs to a transaction other than the open one, which goes on. */
function isOutdated(error: unknown): boolean {
  const codes: readonly number[] = [ERROR.transactionTooOld, ERROR.noSuchTransaction];
  return error instanceof CommandError && codes.includes(error.code);
}

function findConnection(bridge: Bridge, step: SessionStep): Promise<EngineConnection> | EngineConnection {
  const { isFirst, session, txnNumber } = step;
  return isFirst ? bridge.transactions.begin(session, txnNumber) : bridge.transactions.find(session, txnNumber);
}

async function repeatOnConflict<T>(work: () => T | Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || toCommandError(error).code !== ERROR.writeConflict) {
        throw error;
      }
      await delay(PAUSE_MS * Math.random() * attempt);
    }
  }
}

function readLimit({ body }: CommandRequest): number | undefined {
  const maxTimeMs = body.getNumber('maxTimeMS') ?? 0;
  if (maxTimeMs < 0 || maxTimeMs > 2 ** 31 - 1) {
    throw new CommandError(ERROR.badValue, 'maxTimeMS must be between 0 and 2147483647');
  }
  return maxTimeMs === 0 ? undefined : maxTimeMs;
}

function label(error: CommandError, step: SessionStep | undefined): CommandError {
  if (step?.isTransaction === true) {
    return TRANSIENT.has(error.code) ? error.withLabel('TransientTransactionError') : error;
  }
  return step !== undefined && error.code === ERROR.shutdownInProgress ? error.withLabel('RetryableWriteError') : error;
}
