import { BSON } from 'mongodb';
import { startScram } from '../auth/scram-conversation.ts';
import { isPlainDocument } from '../bson/bson-document.ts';
import { CommandError } from '../errors/command-error.ts';
import { ERROR } from '../errors/error-names.ts';
import type { Command, CommandContext, CommandTable } from './command.ts';

const MECHANISM = 'SCRAM-SHA-256';
const CONVERSATION_ID = 1;

const saslStart: Command = {
  needs: 'nothing',
  run: async (context) => {
    const { body, database } = context.request;
    const fields = new Map(body.names().map((name) => [name, body.get(name)]));
    return startLogin(context, fields, database);
  },
};

const saslContinue: Command = {
  needs: 'nothing',
  run: (context) => {
    const { client, request } = context;
    const { login } = client;
    if (login === undefined) {
      // The empty last message of a client that does not skip it.
      if (client.user === undefined) {
        throw authenticationFailed();
      }
      return { conversationId: CONVERSATION_ID, done: true, payload: toPayload('') };
    }
    client.login = undefined;
    const serverFinal = login.conversation.finish(readPayload(request.body.get('payload')));
    if (serverFinal === undefined) {
      throw authenticationFailed();
    }
    client.user = { database: login.database, name: login.name };
    return { conversationId: CONVERSATION_ID, done: login.isExchangeSkipped, payload: toPayload(serverFinal) };
  },
};

const logout: Command = {
  needs: 'nothing',
  run: ({ client }) => {
    client.user = undefined;
    return {};
  },
};

const connectionStatus: Command = {
  needs: 'nothing',
  run: ({ client, request }) => ({
    authInfo: {
      authenticatedUsers: client.user === undefined ? [] : [{ user: client.user.name, db: client.user.database }],
      authenticatedUserRoles: client.roles,
      ...(request.body.isSet('showPrivileges') ? { authenticatedUserPrivileges: client.privileges } : {}),
    },
  }),
};

/** Commands by which a connection becomes that of a user. */
export const loginCommands: CommandTable = { saslStart, saslContinue, logout, connectionStatus };

/** Begins a login with the fields of `saslStart`. Fails with AuthenticationFailed or MechanismUnavailable. */
export async function startLogin(
  { bridge, client }: CommandContext,
  fields: ReadonlyMap<string, unknown>,
  database: string,
): Promise<Record<string, unknown>> {
  if (fields.get('mechanism') !== MECHANISM) {
    throw new CommandError(ERROR.mechanismUnavailable, `Only ${MECHANISM} is supported`);
  }
  const find = (name: string) => bridge.accounts.users.find(database, name)?.credentials;
  const conversation = await startScram(readPayload(fields.get('payload')), find);
  if (conversation === undefined) {
    throw authenticationFailed();
  }
  const options = fields.get('options');
  const isExchangeSkipped = isPlainDocument(options) && options['skipEmptyExchange'] === true;
  client.login = { database, name: conversation.userName, conversation, isExchangeSkipped };
  return { conversationId: CONVERSATION_ID, done: false, payload: toPayload(conversation.serverFirst) };
}

function authenticationFailed(): CommandError {
  return new CommandError(ERROR.authenticationFailed, 'Authentication failed.');
}

function readPayload(value: unknown): string {
  return value instanceof BSON.Binary ? Buffer.from(value.value()).toString('utf8') : '';
}

function toPayload(text: string): BSON.Binary {
  return new BSON.Binary(Buffer.from(text));
}
