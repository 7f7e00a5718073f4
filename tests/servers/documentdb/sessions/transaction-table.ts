import type { EngineConnection } from '../engine/engine-connection.ts';
import type { Engine } from '../engine/open-engine.ts';
import { CommandError } from '../errors/command-error.ts';
import { ERROR } from '../errors/error-names.ts';
import type { SessionKey } from './session-key.ts';

/** How long a transaction may stay open, as with MongoDB. */
const LIFETIME_MS = 60_000;

/**
 * A transaction sees one state of the data, and fails instead of waiting for another one: both as with MongoDB, which
 * waits 5 ms for a lock. Busy machines get some more, so that only real conflicts count.
 */
const BEGIN = `BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL lock_timeout = '40ms'`;

const FIND_COMMITTED = {
  name: 'find-committed',
  text: `SELECT true AS found FROM bridge.sessions WHERE session = decode($1, 'hex') AND txn_number = $2`,
};

interface Entry {
  readonly txnNumber: bigint;
  state: 'open' | 'committed' | 'aborted';
  connection: EngineConnection | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** The transactions of all sessions: each holds one connection to the engine until it ends. */
export class TransactionTable {
  readonly #engine: Engine;
  readonly #entries = new Map<SessionKey, Entry>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Begins transaction `txnNumber` of a session; one that is still open there ends without a trace. */
  async begin(session: SessionKey, txnNumber: bigint): Promise<EngineConnection> {
    const last = this.#entries.get(session);
    if (last !== undefined && last.txnNumber >= txnNumber) {
      throw new CommandError(ERROR.transactionTooOld, `Transaction ${txnNumber} has been started already`);
    }
    await this.abortOpen(session);
    const entry: Entry = { txnNumber, state: 'open', connection: undefined, timer: undefined };
    this.#entries.set(session, entry);
    const connection = await this.#engine.acquire();
    try {
      await connection.script(BEGIN);
    } catch (error) {
      connection.release({ isBroken: true });
      this.#entries.delete(session);
      throw error;
    }
    entry.connection = connection;
    entry.timer = setTimeout(() => void this.abortOpen(session), LIFETIME_MS).unref();
    return connection;
  }

  /** The connection of an open transaction. Fails with NoSuchTransaction. */
  find(session: SessionKey, txnNumber: bigint): EngineConnection {
    const entry = this.#entries.get(session);
    if (entry?.txnNumber !== txnNumber || entry.connection === undefined) {
      throw noSuchTransaction(txnNumber);
    }
    return entry.connection;
  }

  /** Commits; repeatable. A commit whose answer was lost with the engine is known by the row that was written with it. */
  async commit(session: SessionKey, txnNumber: bigint): Promise<void> {
    const entry = this.#entries.get(session);
    if (entry?.txnNumber !== txnNumber) {
      const rows = await this.#engine.use((connection) => connection.run(FIND_COMMITTED, [session, String(txnNumber)]));
      if (rows.length === 0) {
        throw noSuchTransaction(txnNumber);
      }
      return;
    }
    if (entry.state === 'committed') {
      return;
    }
    const connection = this.#detach(entry);
    if (connection === undefined) {
      throw noSuchTransaction(txnNumber);
    }
    try {
      await connection.script(
        `INSERT INTO bridge.sessions VALUES (decode('${session}', 'hex'), ${txnNumber}, NULL)
          ON CONFLICT (session) DO UPDATE SET txn_number = excluded.txn_number, reply = NULL;
        COMMIT`,
      );
      entry.state = 'committed';
      connection.release();
    } catch (error) {
      entry.state = 'aborted';
      connection.release({ isBroken: true });
      throw error;
    }
  }

  /** Undoes an open transaction. Fails with NoSuchTransaction. */
  async abort(session: SessionKey, txnNumber: bigint): Promise<void> {
    this.find(session, txnNumber);
    await this.abortOpen(session);
  }

  /** Undoes what is open in a session, if anything is. */
  async abortOpen(session: SessionKey): Promise<void> {
    const entry = this.#entries.get(session);
    const connection = entry === undefined ? undefined : this.#detach(entry);
    if (entry === undefined || connection === undefined) {
      return;
    }
    entry.state = 'aborted';
    try {
      await connection.script('ROLLBACK');
      connection.release();
    } catch {
      connection.release({ isBroken: true });
    }
  }

  /** Undoes what is open in a session and forgets the session. */
  async endSession(session: SessionKey): Promise<void> {
    await this.abortOpen(session);
    this.#entries.delete(session);
  }

  #detach(entry: Entry): EngineConnection | undefined {
    clearTimeout(entry.timer);
    const { connection } = entry;
    entry.connection = undefined;
    return connection;
  }
}

function noSuchTransaction(txnNumber: bigint): CommandError {
  return new CommandError(ERROR.noSuchTransaction, `There is no open transaction ${txnNumber} in this session`);
}
