import { type AccountStore, type RoleName, resolvePrivileges } from '../auth/account-store.ts';
import { isGranted, type Need, type Privilege } from '../auth/privilege.ts';
import type { ScramConversation } from '../auth/scram-conversation.ts';
import { CommandError } from '../errors/command-error.ts';
import { ERROR } from '../errors/error-names.ts';

/** Who has logged in. */
export interface LoggedInUser {
  readonly database: string;
  readonly name: string;
}

/** A login that is under way. */
export interface OpenLogin extends LoggedInUser {
  readonly conversation: ScramConversation;
  readonly isExchangeSkipped: boolean;
}

/** What the bridge knows of one connection. */
export class ClientState {
  readonly id: number;
  /** Aborts when the connection has ended, with whatever still runs for it. */
  readonly signal: AbortSignal;
  readonly #accounts: AccountStore;
  user: LoggedInUser | undefined;
  login: OpenLogin | undefined;

  constructor(id: number, accounts: AccountStore, signal: AbortSignal) {
    this.id = id;
    this.signal = signal;
    this.#accounts = accounts;
  }

  /** `name@database`, by which what belongs to the user is marked. */
  get userKey(): string | undefined {
    return this.user === undefined ? undefined : `${this.user.name}@${this.user.database}`;
  }

  /** The roles of the user as they are now. */
  get roles(): readonly RoleName[] {
    return this.user === undefined ? [] : (this.#accounts.users.find(this.user.database, this.user.name)?.roles ?? []);
  }

  get privileges(): readonly Privilege[] {
    return resolvePrivileges(this.#accounts, this.roles);
  }

  /** Fails with Unauthorized when nobody has logged in. */
  checkLogin(commandName: string): void {
    if (this.user === undefined) {
      throw new CommandError(ERROR.unauthorized, `Command ${commandName} requires authentication`);
    }
  }

  isGranted(need: Need): boolean {
    return isGranted(this.privileges, need);
  }

  /** Fails with Unauthorized unless all needs are granted. */
  checkNeeds(commandName: string, needs: () => readonly Need[]): void {
    this.checkLogin(commandName);
    const { privileges } = this;
    if (privileges.some(({ resource, actions }) => 'anyResource' in resource && actions.includes('anyAction'))) {
      return;
    }
    for (const need of needs()) {
      if (!isGranted(privileges, need)) {
        const where = need.on === 'cluster' ? 'admin' : need.on.database;
        const collection = need.on === 'cluster' ? '' : need.on.collection;
        throw new CommandError(
          ERROR.unauthorized,
          `not authorized on ${where} to execute command { ${commandName}: "${collection}" }`,
        );
      }
    }
  }
}
