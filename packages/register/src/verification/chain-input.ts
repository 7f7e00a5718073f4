import type { DocketCheck } from './check-docket.ts';

/** What cold storage holds at one height. */
export type ChainRecord =
  | {
      readonly height: number;
      readonly check: DocketCheck;
      /** What is wrong with the storage's own seal around the record (stream, sequence, time, bytes), if anything. */
      readonly sealBroken?: string;
      /** That seal, hex, where it is not broken. Nothing is judged by it. */
      readonly seal?: string;
      readonly unreadable?: undefined;
    }
  | {
      readonly height: number;
      /** Why the storage could not give the record back although it exists. */
      readonly unreadable: string;
      readonly check?: undefined;
    };

/** What a trusted head, kept outside cold storage, says about a register. */
export interface AnchoredHead {
  /** How many dockets were sealed: heights 0 to `size - 1`. */
  readonly size: number;
  /** The RFC 6962 Merkle root (32 bytes) over the dockets' hashes, each leaf being the 32 bytes of one hash. */
  readonly root: Uint8Array;
  /** The hashes behind the root, 32 bytes each in order of height. Only a hint: used if it hashes to the root. */
  readonly hashes?: Uint8Array;
}

/** All that `judgeChain` decides from. */
export interface ChainInput {
  /** The present records in ascending order of height, none repeated; heights can be missing. */
  readonly records: readonly ChainRecord[];
  /** Absent for a register whose head was never anchored. */
  readonly anchor?: AnchoredHead;
  /** The docket hashes (hex) that this node announced, by height, before it sealed them above the anchored head. */
  readonly announced?: ReadonlyMap<number, ReadonlySet<string>>;
}
