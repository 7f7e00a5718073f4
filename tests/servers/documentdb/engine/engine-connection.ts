import { DatabaseError, type PoolClient } from 'pg';

/** A statement of the bridge; prepared once per connection under its name. */
export interface EngineStatement {
  readonly name: string;
  readonly text: string;
  /** Needs {@link EngineConnection.runIsolated} when it is no part of a transaction. */
  readonly isIsolated?: boolean;
}

/** A row of an answer; `bytea` comes as Buffer, `bigint` as string. */
export type EngineRow = Readonly<Record<string, unknown>>;

/** A statement ran longer than it was allowed to, and was cancelled. */
export class EngineTimeoutError extends Error {
  override readonly name = 'EngineTimeoutError';
}

/** What ends a statement before its time. */
export interface StatementLimits {
  /** After so many milliseconds it fails with an `EngineTimeoutError`. */
  readonly limitMs?: number | undefined;
  /** Nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
}

/** One connection to the engine, used by one command or transaction at a time. */
export class EngineConnection {
  readonly #client: PoolClient;
  readonly #cancel: (pid: number) => Promise<void>;
  #isSpoiled = false;

  constructor(client: PoolClient, cancel: (pid: number) => Promise<void>) {
    this.#client = client;
    this.#cancel = cancel;
  }

  /** Runs a statement. */
  async run(
    statement: EngineStatement,
    values: readonly unknown[],
    { limitMs, signal }: StatementLimits = {},
  ): Promise<EngineRow[]> {
    signal?.throwIfAborted();
    let isTooLate = false;
    let cancelling: Promise<void> | undefined;
    const cancel = () => {
      // The cancellation may reach the connection after this statement: no other may use it any more.
      this.#isSpoiled = true;
      cancelling ??= this.#cancel(processId(this.#client));
    };
    const timer = limitMs === undefined ? undefined : setTimeout(() => [(isTooLate = true), cancel()], limitMs);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const { name, text } = statement;
      return (await this.#client.query<EngineRow>({ name, text, values: [...values] })).rows;
    } catch (error) {
      // The engine keeps a limit that stands in the command by itself, and may be first.
      const isCancelled = limitMs !== undefined && signal?.aborted !== true && isQueryCanceled(error);
      throw isTooLate || isCancelled
        ? new EngineTimeoutError('operation exceeded time limit', { cause: error })
        : error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      await cancelling;
    }
  }

  /** Runs a statement that sees one state of the data and fails when another one changed what it wants to change. */
  async runIsolated(
    statement: EngineStatement,
    values: readonly unknown[],
    limits?: StatementLimits,
  ): Promise<EngineRow[]> {
    await this.script('BEGIN ISOLATION LEVEL REPEATABLE READ');
    try {
      const rows = await this.run(statement, values, limits);
      await this.script('COMMIT');
      return rows;
    } catch (error) {
      await this.script('ROLLBACK').catch(() => (this.#isSpoiled = true));
      throw error;
    }
  }

  /** Runs statements without values, several at once. */
  async script(text: string): Promise<void> {
    await this.#client.query(text);
  }

  /** Gives it back. One that may be in the middle of something is closed instead. */
  release({ isBroken = false }: { readonly isBroken?: boolean } = {}): void {
    this.#client.release(isBroken || this.#isSpoiled);
  }
}

function isQueryCanceled(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '57014';
}

/** The process that serves a connection; the types of `pg` do not know that it knows. */
function processId(client: PoolClient): number {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : 0;
}
