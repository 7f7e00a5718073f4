/** One docket that this node said it is about to seal. */
export interface Announcement {
  readonly height: number;
  /** The docket hash, 64 lower-case hex digits. */
  readonly hash: string;
}

/** What is kept of a register outside of cold storage. */
export interface AnchorState {
  /** The newest signed head, a checkpoint; `undefined` while nothing was sealed. Trusted once its signature is verified. */
  readonly note: string | undefined;
  /** Where the head lies, for messages to an operator: a path, say. */
  readonly notePlace?: string;
  /** The docket hashes, 32 bytes each. A hint: it counts only if its root is the signed one. */
  readonly hashes: Uint8Array;
  /** What was announced and not yet covered by the head. */
  readonly announced: readonly Announcement[];
}

/** A step of the head. */
export interface AnchorAdvance {
  /** The head that the step starts from; `undefined` for the first. */
  readonly expected: string | undefined;
  readonly note: string;
  /** Number of dockets under `note`. */
  readonly size: number;
  /** The height of the first of `hashes`. */
  readonly firstHeight: number;
  /** The hashes (hex) of heights `firstHeight` to `size - 1`. */
  readonly hashes: readonly string[];
}

/**
 * Where heads are kept: somewhere that whoever can write to cold storage cannot write to.
 *
 * Several writers can use one store. Every call can fail with `StorageError` `UNAVAILABLE` (nothing changed), a write also with
 * `OUTCOME_UNKNOWN` (read to find out).
 */
export interface AnchorStore {
  /**
   * What is kept of a register; empty for an unknown one. The head is of the same moment as the announcements or newer, so
   * a docket that was announced before the call is under the head or among the announcements.
   */
  read(registerId: string): Promise<AnchorState>;

  /** Notes that the node is about to seal these dockets, `firstHeight` first. Durable when the promise resolves. Repeatable. */
  announce(registerId: string, firstHeight: number, hashes: readonly string[]): Promise<void>;

  /**
   * Moves the head by compare-and-swap and drops the announcements below it. Durable when the promise resolves.
   *
   * @throws RegisterError `ANCHOR_CONFLICT` when `expected` is not the newest head, or `size` is not above it.
   */
  advance(registerId: string, step: AnchorAdvance): Promise<void>;
}
