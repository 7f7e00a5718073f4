import { CommandError } from '../errors/command-error.ts';
import { ERROR } from '../errors/error-names.ts';
import { readSessionKey, type SessionStep } from '../sessions/session-key.ts';
import type { Command, CommandContext, CommandTable } from './command.ts';

const FORGET = {
  name: 'forget-sessions',
  text: `DELETE FROM bridge.sessions WHERE session IN (SELECT decode(key, 'hex') FROM unnest($1::text[]) AS key)`,
};

const commitTransaction: Command = {
  needs: 'login',
  run: async (context) => {
    const { session, txnNumber } = stepOf(context);
    await context.bridge.transactions.commit(session, txnNumber);
    return {};
  },
};

const abortTransaction: Command = {
  needs: 'login',
  run: async (context) => {
    const { session, txnNumber } = stepOf(context);
    await context.bridge.transactions.abort(session, txnNumber);
    return {};
  },
};

const endSessions: Command = {
  needs: 'login',
  run: async (context) => {
    const { bridge, request } = context;
    const sessions = (request.body.getArray(request.name) ?? []).flatMap((lsid) => readSessionKey(lsid) ?? []);
    await Promise.all(sessions.map((session) => bridge.transactions.endSession(session)));
    await context.run(FORGET, [sessions]);
    return {};
  },
};

const refreshSessions: Command = { needs: 'login', run: () => ({}) };

/** Commands about sessions and their transactions. */
export const sessionCommands: CommandTable = {
  commitTransaction,
  abortTransaction,
  endSessions,
  killSessions: endSessions,
  refreshSessions,
};

function stepOf({ request, step }: CommandContext): SessionStep {
  if (step === undefined || !step.isTransaction) {
    throw new CommandError(ERROR.invalidOptions, `${request.name} must be part of a transaction`);
  }
  return step;
}
