import type { SigningKey } from '../../docket/signing-key.ts';
import type { CorruptionKind } from '../../verification/corruption.ts';

/** The intact register that a damage is planned for: every docket verified, all of them under the anchored head. */
export interface DamageTarget {
  /** Number of dockets, 4 or more. */
  readonly size: number;
  /** Reads the intact record at a height. */
  read(height: number): Promise<Uint8Array>;
  /** Random numbers in [0, 1). */
  random(): number;
  /** Signs what the attacker forges: a key of each algorithm that is in the register, unknown to it. */
  forger(algorithm: SigningKey['algorithm']): Promise<SigningKey>;
  /** The height to damage. Default: a random one that the damage is possible at. */
  readonly height?: number;
}

/** One stored record to change. */
export interface RecordChange {
  readonly height: number;
  /** What is to lie there, under a valid storage seal; `undefined` for nothing. */
  readonly bytes: Uint8Array | undefined;
}

/** What a verification must find: these heights, each with one of these kinds, and no other height. */
export interface ExpectedDamage {
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
  readonly kinds: readonly CorruptionKind[];
}

/** A planned damage. */
export interface DamagePlan {
  /** What is done, in plain words: a sentence without its full stop. */
  readonly action: string;
  readonly changes: readonly RecordChange[];
  readonly expected: readonly ExpectedDamage[];
}

/** A way to damage the stored records of a register. */
export interface NamedDamage {
  readonly name: string;
  /** What it stands for in real life, in one sentence. */
  readonly description: string;
  /** Changes nothing. `INVALID` (RegisterError) when the damage is not possible at the wanted height, or at any. */
  plan(target: DamageTarget): Promise<DamagePlan>;
}
