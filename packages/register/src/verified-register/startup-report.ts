import type { SignatureEngine } from '../docket/signature-engine.ts';
import type { RegisterState } from '../state/register-state.ts';
import type { CorruptionRange } from '../verification/corruption.ts';
import type { AnchorComparison } from './verify-register.ts';

/** What a start found. */
export interface StartupReport {
  readonly registerId: string;
  readonly state: RegisterState;
  /** Dockets that are proven and served. */
  readonly verifiedDockets: number;
  /** Dockets that are known to exist. */
  readonly totalDockets: number;
  /** Transactions in the proven dockets. */
  readonly verifiedTransactions: number;
  /** Signatures that were checked. */
  readonly signatures: number;
  readonly ranges: readonly CorruptionRange[];
  readonly anchor: AnchorComparison;
  /** Whether the signatures of an earlier verification were not verified again, because a receipt stood for them. */
  readonly receipt: 'none' | 'used' | 'ignored';
  /** What verified the Ed25519 signatures. */
  readonly engine: SignatureEngine['name'];
  /** What an operator should know beside the ranges. */
  readonly warnings: readonly string[];
  /** Time spent waiting for cold storage, in milliseconds. */
  readonly loadMs: number;
  /** Time spent checking, in milliseconds. */
  readonly verificationMs: number;
  /** Dockets per second of load and verification together. */
  readonly docketsPerSecond: number;
  /** Signatures per second of load and verification together. */
  readonly signaturesPerSecond: number;
}
