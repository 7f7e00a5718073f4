/**
 * The closed set of what can be wrong with a height of a register.
 *
 * - `InvalidDocketHash`: the docket does not hash to what it claims, or its transactions not to the root in its header.
 * - `BrokenChainLink`: the docket does not continue the proven docket below it.
 * - `InvalidTransactionSignature`: a transaction was not signed by its sender.
 * - `MissingData`: the docket must exist and is absent.
 * - `MalformedData`: the bytes are no docket of this register and height, or break a limit or a rule of the format.
 * - `RolledBack`: the newest dockets, this one among them, are absent although the register is known to have had them.
 * - `Forked`: a well-formed docket that is not the one known to have been sealed at this height.
 */
export type CorruptionKind =
  | 'InvalidDocketHash'
  | 'BrokenChainLink'
  | 'InvalidTransactionSignature'
  | 'MissingData'
  | 'MalformedData'
  | 'RolledBack'
  | 'Forked';

/** All corruption kinds. */
export const CORRUPTION_KINDS: readonly CorruptionKind[] = [
  'InvalidDocketHash',
  'BrokenChainLink',
  'InvalidTransactionSignature',
  'MissingData',
  'MalformedData',
  'RolledBack',
  'Forked',
];

/** What is wrong with one docket, for programs (`kind`) and for people (`detail`). */
export interface Damage {
  readonly kind: CorruptionKind;
  readonly detail: string;
}

/** The verdict on one height: proven, or damaged; nothing between. */
export interface HeightVerdict {
  readonly height: number;
  /** Absent when the docket is verified. */
  readonly damage?: Damage;
}

/** Adjacent heights that are damaged in the same way. */
export interface CorruptionRange {
  /** First height. */
  readonly from: number;
  /** Last height, inclusive. */
  readonly to: number;
  readonly kind: CorruptionKind;
  /** What is wrong with the first height of the range. */
  readonly detail: string;
  /** When the damage was found, in milliseconds since 1970. */
  readonly detectedAt: number;
}

/**
 * Joins verdicts, in ascending order of height, to the longest runs of adjacent heights with one kind of damage.
 *
 * @param detectedAt when the damage was found, where a verdict does not say it by itself; a range has its earliest.
 */
export function toCorruptionRanges(
  verdicts: Iterable<HeightVerdict & { readonly detectedAt?: number }>,
  detectedAt: number,
): CorruptionRange[] {
  const ranges: CorruptionRange[] = [];
  for (const { height, damage, detectedAt: found = detectedAt } of verdicts) {
    if (damage === undefined) continue;
    const last = ranges.at(-1);
    if (last !== undefined && last.kind === damage.kind && last.to === height - 1) {
      ranges[ranges.length - 1] = { ...last, to: height, detectedAt: Math.min(last.detectedAt, found) };
    } else {
      ranges.push({ from: height, to: height, ...damage, detectedAt: found });
    }
  }
  return ranges;
}
