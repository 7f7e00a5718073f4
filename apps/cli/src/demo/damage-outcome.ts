import type { CorruptionRange } from '@sorcha/register';
import type { ExpectedDamage } from '@sorcha/register/testing';

/** What a verified register gave back when every docket was asked for. */
export interface ServingOutcome {
  /** Dockets that were given back, each equal to the original. */
  readonly served: number;
  /** Dockets that were refused because they are not proven. */
  readonly refused: number;
  /** Dockets that were given back and should not have been, or the other way round. */
  readonly wrong: number;
  /** Whether the register refused to seal anything on top of the damage. */
  readonly isSealRefused: boolean;
}

/** What one damage did to a copy of the register, and what the verification of that copy found. */
export interface DamageOutcome extends ServingOutcome {
  readonly damage: string;
  readonly description: string;
  /** What was done: a sentence without its full stop. */
  readonly action: string;
  readonly expected: readonly ExpectedDamage[];
  readonly found: readonly CorruptionRange[];
  /** Whether exactly the damage was found, exactly the rest was served, and nothing could be sealed. */
  readonly isAsExpected: boolean;
  /** Time of the verification. */
  readonly verificationMs: number;
}
