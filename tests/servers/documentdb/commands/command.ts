import type { AccountStore } from '../auth/account-store.ts';
import type { Need } from '../auth/privilege.ts';
import type { EngineRow, EngineStatement } from '../engine/engine-connection.ts';
import type { Engine } from '../engine/open-engine.ts';
import type { CursorTable } from '../sessions/cursor-table.ts';
import type { SessionStep } from '../sessions/session-key.ts';
import type { TransactionTable } from '../sessions/transaction-table.ts';
import type { RequestMessage } from '../wire/message.ts';
import type { ClientState } from './client-state.ts';

/** A command that runs. */
export interface RunningCommand {
  readonly name: string;
  readonly database: string;
  readonly collection: string | undefined;
  readonly clientId: number;
  /** As of `performance.now()`. */
  readonly startedAtMs: number;
}

/** What all commands work with. */
export interface Bridge {
  readonly engine: Engine;
  readonly accounts: AccountStore;
  readonly cursors: CursorTable;
  readonly transactions: TransactionTable;
  readonly running: Set<RunningCommand>;
  /** Where clients connect: `127.0.0.1:27017`. */
  readonly address: string;
  /** Version of the engine's extension. */
  readonly engineVersion: string;
}

/** A request whose command is known. */
export interface CommandRequest extends RequestMessage {
  /** The name of the first field of the body. */
  readonly name: string;
}

/** One run of a command. */
export interface CommandContext {
  readonly bridge: Bridge;
  readonly client: ClientState;
  readonly request: CommandRequest;
  /** The transaction that it belongs to, or the number by which a repeated write is known. */
  readonly step: SessionStep | undefined;
  /** Runs a statement where the command belongs: in its transaction, or on a connection of its own. */
  run(statement: EngineStatement, values: readonly unknown[]): Promise<EngineRow[]>;
}

/** A reply as bytes of the engine, or as fields; `ok: 1` is added to fields that have no `ok`. */
export type CommandReply = Buffer | Readonly<Record<string, unknown>>;

/** One command. */
export interface Command {
  /**
   * Which rights it needs; `login` for none but to be someone, `nothing` for not even that.
   */
  readonly needs: 'nothing' | 'login' | ((request: CommandRequest) => readonly Need[]);
  /** May be part of a transaction. Default false. */
  readonly isTransactional?: boolean;
  run(context: CommandContext): Promise<CommandReply> | CommandReply;
}

/** Commands by their names. */
export type CommandTable = Readonly<Record<string, Command>>;
