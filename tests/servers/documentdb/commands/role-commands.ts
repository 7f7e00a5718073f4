import { privilegesSchema, type Role } from '../auth/account-store.ts';
import { builtInPrivileges } from '../auth/built-in-roles.ts';
import { isPlainDocument } from '../bson/bson-document.ts';
import { CommandError } from '../errors/command-error.ts';
import { ERROR } from '../errors/error-names.ts';
import type { Command, CommandContext, CommandRequest, CommandTable } from './command.ts';
import { onDatabase } from './namespace.ts';
import { nameOf, readRoles } from './user-commands.ts';

const createRole: Command = {
  needs: (request) => [onDatabase(request, 'createRole'), onDatabase(request, 'grantRole')],
  run: async ({ bridge, request }) => {
    const name = nameOf(request);
    const isTaken =
      bridge.accounts.roles.find(request.database, name) !== undefined ||
      builtInPrivileges(name, request.database) !== undefined;
    if (isTaken) {
      throw new CommandError(ERROR.roleExists, `Role "${name}@${request.database}" already exists`);
    }
    const role = { roles: readRoles(bridge, request), privileges: readPrivileges(request) };
    await bridge.accounts.roles.put(request.database, name, role);
    return {};
  },
};

const updateRole: Command = {
  needs: (request) => [onDatabase(request, 'grantRole'), onDatabase(request, 'revokeRole')],
  run: async (context) => {
    const { bridge, request } = context;
    const role = findRole(context);
    await bridge.accounts.roles.put(request.database, nameOf(request), {
      roles: request.body.has('roles') ? readRoles(bridge, request) : role.roles,
      privileges: request.body.has('privileges') ? readPrivileges(request) : role.privileges,
    });
    return {};
  },
};

const dropRole: Command = {
  needs: (request) => [onDatabase(request, 'dropRole')],
  run: async (context) => {
    const { bridge, request } = context;
    const name = nameOf(request);
    findRole(context);
    const isDropped = ({ role, db }: { readonly role: string; readonly db: string }) =>
      role === name && db === request.database;
    for (const { database, name: holder, account } of bridge.accounts.users.list()) {
      if (account.roles.some(isDropped)) {
        const roles = account.roles.filter((role) => !isDropped(role));
        await bridge.accounts.users.put(database, holder, { ...account, roles });
      }
    }
    for (const { database, name: holder, account } of bridge.accounts.roles.list()) {
      if (account.roles.some(isDropped)) {
        const roles = account.roles.filter((role) => !isDropped(role));
        await bridge.accounts.roles.put(database, holder, { ...account, roles });
      }
    }
    await bridge.accounts.roles.remove(request.database, name);
    return {};
  },
};

const rolesInfo: Command = {
  needs: (request) => [onDatabase(request, 'viewRole')],
  run: ({ bridge, request }) => {
    const asked = request.body.get('rolesInfo');
    const name = isPlainDocument(asked) ? asked['role'] : asked;
    const database = isPlainDocument(asked) && typeof asked['db'] === 'string' ? asked['db'] : request.database;
    const roles = bridge.accounts.roles
      .list()
      .filter((role) => role.database === database && (typeof name !== 'string' || role.name === name));
    return {
      roles: roles.map((role) => ({
        role: role.name,
        db: role.database,
        isBuiltin: false,
        roles: role.account.roles,
        privileges: request.body.isSet('showPrivileges') ? role.account.privileges : undefined,
      })),
    };
  },
};

/** Commands about roles. */
export const roleCommands: CommandTable = { createRole, updateRole, dropRole, rolesInfo };

function readPrivileges(request: CommandRequest): Role['privileges'] {
  const parsed = privilegesSchema.safeParse(request.body.get('privileges') ?? []);
  if (!parsed.success) {
    throw new CommandError(
      ERROR.badValue,
      `${request.name}: privileges are [{ resource: { db, collection }, actions }]`,
    );
  }
  return parsed.data;
}

function findRole({ bridge, request }: CommandContext): Role {
  const name = nameOf(request);
  const role = bridge.accounts.roles.find(request.database, name);
  if (role === undefined) {
    throw new CommandError(ERROR.roleNotFound, `Could not find role: ${name}@${request.database}`);
  }
  return role;
}
