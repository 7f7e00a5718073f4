import type { Clock, WormStore } from '@sorcha/storage';
import type { AnchorStore } from '../anchor/anchor-store.ts';
import type { NodeIdentity } from '../anchor/node-identity.ts';
import type { ParallelOptions } from '../parallel/check-in-parallel.ts';
import type { ReceiptStore } from '../receipt/receipt-store.ts';
import type { StateChange } from '../state/register-state.ts';
import type { CorruptionRange } from '../verification/corruption.ts';
import type { VerificationProgress } from './read-register.ts';

/** Something that happened to a register, for logs and audits. */
export type RegisterEvent =
  | ({ readonly type: 'state' } & StateChange)
  | { readonly type: 'corruption'; readonly range: CorruptionRange }
  | {
      /** A receipt was written for the next start, or could not be. */
      readonly type: 'receipt';
      readonly at: number;
      readonly isWritten: boolean;
      readonly reason?: string;
    }
  | {
      /** A transaction or docket was handed in and refused. */
      readonly type: 'refused';
      readonly at: number;
      readonly code: string;
      readonly reason: string;
    };

/** What a verified register stands on. */
export interface RegisterOptions {
  /** Matches `^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`; also the name of the stream in cold storage. */
  readonly registerId: string;
  /** Cold storage, not trusted; opened with `docketWorm`. Closing it is the caller's. */
  readonly cold: WormStore<string>;
  /** Where signed heads are kept, outside of cold storage. */
  readonly anchors: AnchorStore;
  /** Who signs heads, and whose heads are trusted. */
  readonly node: NodeIdentity;
  readonly clock?: Clock;
  /** How many dockets are checked before the event loop gets its turn, 1 or more; default 100. */
  readonly batchDockets?: number;
  /**
   * When the register is served: `blocking` after all of it was verified; `progressive` at once, what is verified so far. Default:
   * blocking below 1,000 dockets under the head, progressive from there on (FR-047).
   */
  readonly start?: 'blocking' | 'progressive';
  /** Has threads verify a register that is long enough. Default: all is verified in the calling thread. */
  readonly parallel?: ParallelOptions;
  /** So many bytes of dockets that were read are kept in memory, 0 or more. Default 64 MiB. They are served without asking cold storage again. */
  readonly cacheBytes?: number;
  /** Where receipts are kept, outside of cold storage: a start then verifies no signature again that is in one. Default: none. */
  readonly receipts?: ReceiptStore;
  /** How long a receipt counts, in milliseconds. Default: 30 days. */
  readonly receiptMs?: number;
  /** Whether signatures that a receipt stood for are verified in the `background` after the start (the default), or not at all. */
  readonly recheck?: 'background' | 'none';
  readonly onProgress?: (progress: VerificationProgress) => void;
  /** Must not throw: an error would end the call that the event belongs to, though never change what it found. */
  readonly onEvent?: (event: RegisterEvent) => void;
  /** Ends the start, with `TIMEOUT`, also a progressive one, whose register is then Offline; without effect afterwards. */
  readonly signal?: AbortSignal;
}
