import type { Docket } from '../docket/docket.ts';
import type { Transaction } from '../docket/transaction.ts';
import type { RegisterState } from '../state/register-state.ts';
import type { CorruptionRange } from '../verification/corruption.ts';
import type { StartupReport } from './startup-report.ts';
import type { TransactionPage, TransactionQuery } from './transaction-query.ts';

/** A transaction and where it is sealed. */
export interface SealedTransaction {
  readonly height: number;
  /** Position in the docket, from 0. */
  readonly index: number;
  readonly transaction: Transaction;
}

/** A docket that was sealed: durable, and covered by the anchored head. */
export interface SealedDocket {
  readonly height: number;
  /** The docket hash, hex. */
  readonly hash: string;
  readonly transactionIds: readonly string[];
}

/** Options of {@link VerifiedRegister.seal}. */
export interface SealOptions {
  /** Milliseconds since 1970. Default: what the clock says. */
  readonly timestamp?: number;
  /**
   * Seals on top of what another writer sealed first, up to 100 times, before it fails with `SEQUENCE_CONFLICT`. Fails with
   * `DUPLICATE_TRANSACTION` when the other one sealed one of these. Default false.
   */
  readonly rebase?: boolean;
}

/**
 * A register of which everything was verified before it is served.
 *
 * Every call fails with `OFFLINE` after `close`, and with `StorageError` `UNAVAILABLE` or `TIMEOUT` when cold storage is away. While a
 * progressive start is verifying, every call that changes something fails with `INITIALIZING`.
 */
export interface VerifiedRegister {
  readonly registerId: string;
  readonly state: RegisterState;
  /** Number of dockets that are known to exist, proven or not. */
  readonly size: number;
  /** The hash that the next docket links to, hex; 64 zeros when there is no docket, or the newest is not proven. */
  readonly headHash: string;
  /** Dockets below this height have their verdict. Less than `size` only while a progressive start is verifying. */
  readonly verifiedSize: number;
  /** What the start found, as soon as it is over. Fails with the error that ended it; then the register is Offline. */
  readonly started: Promise<StartupReport>;
  /** What the start found. `INITIALIZING` before `started` is fulfilled. */
  readonly report: StartupReport;

  /** What is not proven at the moment. */
  ranges(): CorruptionRange[];

  /**
   * Reads one docket; `undefined` above the register. Its bytes are read again from cold storage and compared with the
   * verified digest. `CORRUPTED` when the height is not proven, or its bytes changed since the start: then the register
   * becomes Degraded, and the bytes are never returned. During a progressive start a docket that is not verified yet is verified
   * for this call, against the hash that the anchored head proves.
   */
  docket(height: number): Promise<Docket | undefined>;

  /**
   * Reads one transaction of a proven docket by its id; `undefined` when no proven docket has it. `CORRUPTED` as with `docket`;
   * `INITIALIZING` when it is in none that is verified so far.
   */
  transaction(id: string): Promise<SealedTransaction | undefined>;

  /**
   * Searches the transactions of proven dockets. Every docket that is looked at is read again and compared with its verified digest, as with
   * `docket`; damage that is met makes the register Degraded and is named in the page. `INVALID` for a malformed query or a cursor of another
   * one, `INITIALIZING` when a progressive start has not come to all heights of the query.
   */
  transactions(query: TransactionQuery): Promise<TransactionPage>;

  /**
   * Seals signed transactions (record lines) into the next docket. When the promise resolves, the docket is durable and covered by the head.
   * The timestamp (milliseconds since 1970, by default that of the clock) is this node's claim; any is taken, also one before the last docket's.
   *
   * @throws RegisterError `INVALID`, `INVALID_KEY`, `INVALID_SIGNATURE`, `LIMIT_EXCEEDED`, `DUPLICATE_TRANSACTION` (nothing is
   * written), `DEGRADED`, `SEQUENCE_CONFLICT` (another writer was first: the register caught up, seal again, or see `rebase`),
   * `OUTCOME_UNKNOWN` (it may be written: refresh, and look for one of its transactions to find out).
   */
  seal(transactions: readonly (string | Uint8Array)[], options?: SealOptions): Promise<SealedDocket>;

  /** Verifies finished dockets that continue the register and appends all of them or none. Errors as with `seal`. */
  append(records: readonly Uint8Array[]): Promise<SealedDocket[]>;

  /**
   * Verifies and serves what other writers of the same stores sealed meanwhile, and what a call with an unknown outcome left.
   *
   * @throws RegisterError `DEGRADED` while something is not proven, `ANCHOR_INVALID`, `ANCHOR_CONFLICT`.
   */
  refresh(): Promise<void>;

  /**
   * Signs the current head of a register whose head was lost; does nothing when it is Healthy. `DEGRADED` when anything present
   * does not verify, `ANCHOR_CONFLICT` when another writer did it first: open the register again.
   * Whoever calls this vouches that nothing is missing at the end: no proof of that exists without a head.
   */
  adoptHead(): Promise<void>;

  /** Ends serving. Closing again does nothing. */
  close(): Promise<void>;
}
