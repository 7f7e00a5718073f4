import { type RoleName, resolvePrivileges, type User } from '../auth/account-store.ts';
import { createCredentials } from '../auth/credentials.ts';
import { isPlainDocument } from '../bson/bson-document.ts';
import { CommandError } from '../errors/command-error.ts';
import { ERROR } from '../errors/error-names.ts';
import type { Bridge, Command, CommandContext, CommandRequest, CommandTable } from './command.ts';
import { onDatabase } from './namespace.ts';

const createUser: Command = {
  needs: (request) => [onDatabase(request, 'createUser'), onDatabase(request, 'grantRole')],
  run: async ({ bridge, request }) => {
    const name = nameOf(request);
    if (bridge.accounts.users.find(request.database, name) !== undefined) {
      throw new CommandError(ERROR.userExists, `User "${name}@${request.database}" already exists`);
    }
    const credentials = await createCredentials(passwordOf(request));
    const roles = readRoles(bridge, request);
    await bridge.accounts.users.put(request.database, name, { roles, credentials });
    return {};
  },
};

const updateUser: Command = {
  needs: (request) => [
    ...(request.body.has('pwd') ? [onDatabase(request, 'changePassword')] : []),
    ...(request.body.has('roles') ? [onDatabase(request, 'grantRole'), onDatabase(request, 'revokeRole')] : []),
  ],
  run: async (context) =>
    changeUser(context, async (user) => ({
      roles: context.request.body.has('roles') ? readRoles(context.bridge, context.request) : user.roles,
      credentials: context.request.body.has('pwd')
        ? await createCredentials(passwordOf(context.request))
        : user.credentials,
    })),
};

const grantRolesToUser: Command = {
  needs: (request) => [onDatabase(request, 'grantRole')],
  run: async (context) => {
    const granted = readRoles(context.bridge, context.request);
    const isGranted = ({ role, db }: RoleName) => granted.some((each) => each.role === role && each.db === db);
    return changeUser(context, (user) => ({
      ...user,
      roles: [...user.roles.filter((each) => !isGranted(each)), ...granted],
    }));
  },
};

const revokeRolesFromUser: Command = {
  needs: (request) => [onDatabase(request, 'revokeRole')],
  run: async (context) => {
    const revoked = readRoles(context.bridge, context.request);
    const isRevoked = ({ role, db }: RoleName) => revoked.some((each) => each.role === role && each.db === db);
    return changeUser(context, (user) => ({ ...user, roles: user.roles.filter((each) => !isRevoked(each)) }));
  },
};

const dropUser: Command = {
  needs: (request) => [onDatabase(request, 'dropUser')],
  run: async (context) => {
    findUser(context);
    await context.bridge.accounts.users.remove(context.request.database, nameOf(context.request));
    return {};
  },
};

const usersInfo: Command = {
  needs: (request) => [onDatabase(request, 'viewUser')],
  run: ({ bridge, request }) => {
    const asked = request.body.get('usersInfo');
    const name = isPlainDocument(asked) ? asked['user'] : asked;
    const database = isPlainDocument(asked) && typeof asked['db'] === 'string' ? asked['db'] : request.database;
    const users = bridge.accounts.users
      .list()
      .filter((user) => user.database === database && (typeof name !== 'string' || user.name === name));
    return {
      users: users.map((user) => ({
        _id: `${user.database}.${user.name}`,
        user: user.name,
        db: user.database,
        roles: user.account.roles,
        mechanisms: ['SCRAM-SHA-256'],
      })),
    };
  },
};

/** Commands about users. */
export const userCommands: CommandTable = {
  createUser,
  updateUser,
  dropUser,
  usersInfo,
  grantRolesToUser,
  revokeRolesFromUser,
};

/** Reads `roles`: names of roles of this database, or of another one with `db`. Fails with RoleNotFound. */
export function readRoles({ accounts }: Bridge, request: CommandRequest): RoleName[] {
  const roles = (request.body.getArray('roles') ?? []).map((value): RoleName => {
    const { role, db } = isPlainDocument(value) ? value : { role: value, db: request.database };
    if (typeof role !== 'string' || typeof db !== 'string') {
      throw new CommandError(ERROR.badValue, `${request.name}: a role is a name or { role, db }`);
    }
    return { role, db };
  });
  resolvePrivileges(accounts, roles);
  return roles;
}

/** The user or role that a command names. */
export function nameOf(request: CommandRequest): string {
  const name = request.body.getString(request.name);
  if (name === undefined || name === '') {
    throw new CommandError(ERROR.badValue, `${request.name} needs a name`);
  }
  return name;
}

function passwordOf(request: CommandRequest): string {
  const password = request.body.getString('pwd');
  if (password === undefined || password === '') {
    throw new CommandError(ERROR.badValue, `${request.name} needs a password (pwd)`);
  }
  return password;
}

function findUser({ bridge, request }: CommandContext): User {
  const name = nameOf(request);
  const user = bridge.accounts.users.find(request.database, name);
  if (user === undefined) {
    throw new CommandError(ERROR.userNotFound, `Could not find user "${name}" for db "${request.database}"`);
  }
  return user;
}

async function changeUser(
  context: CommandContext,
  change: (user: User) => User | Promise<User>,
): Promise<Record<string, unknown>> {
  const { bridge, request } = context;
  await bridge.accounts.users.put(request.database, nameOf(request), await change(findUser(context)));
  return {};
}
