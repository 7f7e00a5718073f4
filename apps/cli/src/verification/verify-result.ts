import type { CorruptionRange } from '@sorcha/register';

/** The result of `sorcha verify`, as it is printed with `--json`. */
export interface VerifyResult {
  readonly schema: 'sorcha.verify/v1';
  readonly folder: string;
  readonly register: string;
  /**
   * `proven`: every docket that must exist is proven, and it is known which must; `empty`: nothing was sealed yet, so there is
   * nothing to prove; `unproven`: anything else.
   */
  readonly verdict: 'proven' | 'empty' | 'unproven';
  /** Whether the verdict is `proven`. */
  readonly isProven: boolean;
  /** How many dockets must exist. */
  readonly totalDockets: number;
  /** How many of them are proven. */
  readonly verifiedDockets: number;
  /** Transactions in the verified dockets. */
  readonly transactions: number;
  /** Signatures that were checked. */
  readonly signatures: number;
  readonly ranges: readonly CorruptionRange[];
  /** What the data folder lacks of what it had, a sentence each. */
  readonly losses: readonly string[];
  /** The other registers of the data folder. */
  readonly otherRegisters: readonly string[];
  /**
   * How cold storage stands to the anchored head. `matched`: it is what was anchored; `extended`: and announced dockets above, from
   * an interrupted append; `damaged`: it is not, or not all of, what was anchored; `absent`: there are dockets and no anchored head;
   * `fresh`: there is neither.
   */
  readonly anchor: 'fresh' | 'matched' | 'extended' | 'damaged' | 'absent';
  /** From the first byte read to the last verdict. */
  readonly durationMs: number;
  readonly docketsPerSecond: number;
  readonly signaturesPerSecond: number;
  /** What verified the Ed25519 signatures: `libsodium`, or `node:crypto` where that cannot be loaded. */
  readonly engine: string;
  /** That engine alone, or bare `crypto.verify` for other algorithms, on one thread over a sample of the same signatures; `null` when it was not measured or there is none. */
  readonly rawSignaturesPerSecond: number | null;
  /** `signaturesPerSecond` divided by `rawSignaturesPerSecond`; `null` as above. */
  readonly ratio: number | null;
}
