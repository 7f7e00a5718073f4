import { z } from 'zod';
import type { Engine } from '../engine/open-engine.ts';
import { CommandError } from '../errors/command-error.ts';
import { ERROR } from '../errors/error-names.ts';
import { builtInPrivileges } from './built-in-roles.ts';
import type { Privilege } from './privilege.ts';

const roleNameSchema = z.object({ role: z.string(), db: z.string() });
const resourceSchema = z.union([
  z.strictObject({ db: z.string(), collection: z.string() }),
  z.strictObject({ cluster: z.literal(true) }),
  z.strictObject({ anyResource: z.literal(true) }),
]);
export const privilegesSchema = z.array(z.object({ resource: resourceSchema, actions: z.array(z.string()).min(1) }));
const userSchema = z.object({
  roles: z.array(roleNameSchema),
  credentials: z.object({ salt: z.string(), iterations: z.number(), storedKey: z.string(), serverKey: z.string() }),
});
const roleSchema = z.object({ roles: z.array(roleNameSchema), privileges: privilegesSchema });

/** A role by its name and the database that it belongs to. */
export type RoleName = z.output<typeof roleNameSchema>;
export type User = z.output<typeof userSchema>;
export type Role = z.output<typeof roleSchema>;

/** A user or role with the database that it belongs to. */
export interface Named<T> {
  readonly database: string;
  readonly name: string;
  readonly account: T;
}

const STATEMENTS = {
  load: { name: 'load-accounts', text: 'SELECT kind, database, name, account FROM bridge.accounts' },
  put: {
    name: 'put-account',
    text: `INSERT INTO bridge.accounts VALUES ($1, $2, $3, $4)
      ON CONFLICT (kind, database, name) DO UPDATE SET account = excluded.account`,
  },
  remove: {
    name: 'remove-account',
    text: 'DELETE FROM bridge.accounts WHERE kind = $1 AND database = $2 AND name = $3',
  },
};

/** All users, or all roles: in memory, and on disk before a change is answered. */
export class AccountTable<T> {
  readonly #engine: Engine;
  readonly #kind: 'user' | 'role';
  readonly #accounts = new Map<string, Named<T>>();

  constructor(engine: Engine, kind: 'user' | 'role') {
    this.#engine = engine;
    this.#kind = kind;
  }

  /** Reads what is on disk. */
  async load(parse: (value: unknown) => T): Promise<void> {
    for (const row of await this.#engine.use((connection) => connection.run(STATEMENTS.load, []))) {
      if (row['kind'] === this.#kind) {
        const named = { database: String(row['database']), name: String(row['name']), account: parse(row['account']) };
        this.#accounts.set(toKey(named.database, named.name), named);
      }
    }
  }

  find(database: string, name: string): T | undefined {
    return this.#accounts.get(toKey(database, name))?.account;
  }

  list(): Named<T>[] {
    return [...this.#accounts.values()];
  }

  async put(database: string, name: string, account: T): Promise<void> {
    const values = [this.#kind, database, name, JSON.stringify(account)];
    await this.#engine.use((connection) => connection.run(STATEMENTS.put, values));
    this.#accounts.set(toKey(database, name), { database, name, account });
  }

  async remove(database: string, name: string): Promise<void> {
    await this.#engine.use((connection) => connection.run(STATEMENTS.remove, [this.#kind, database, name]));
    this.#accounts.delete(toKey(database, name));
  }
}

/** Users and roles. */
export interface AccountStore {
  readonly users: AccountTable<User>;
  readonly roles: AccountTable<Role>;
}

/** Reads users and roles from the engine. */
export async function openAccountStore(engine: Engine): Promise<AccountStore> {
  const users = new AccountTable<User>(engine, 'user');
  const roles = new AccountTable<Role>(engine, 'role');
  await users.load((value) => userSchema.parse(value));
  await roles.load((value) => roleSchema.parse(value));
  return { users, roles };
}

/** All that the roles allow, with the roles that they contain. Fails with RoleNotFound when one does not exist. */
export function resolvePrivileges(store: AccountStore, roles: readonly RoleName[]): Privilege[] {
  const [seen, privileges, waiting] = [new Set<string>(), new Array<Privilege>(), [...roles]];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const key = toKey(name.db, name.role);
    if (!seen.has(key)) {
      seen.add(key);
      const role = store.roles.find(name.db, name.role);
      const own = role?.privileges ?? builtInPrivileges(name.role, name.db);
      if (own === undefined) {
        throw new CommandError(ERROR.roleNotFound, `Could not find role: ${name.role}@${name.db}`);
      }
      privileges.push(...own);
      waiting.push(...(role?.roles ?? []));
    }
  }
  return privileges;
}

const toKey = (database: string, name: string) => JSON.stringify([database, name]);
