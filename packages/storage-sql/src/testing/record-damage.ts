/** Options of a change to a record. */
export interface RecordDamageOptions {
  /** Leaves the old seal, so that the damage shows. Default: a valid seal, because who can write records can seal them. */
  readonly keepSeal?: boolean;
}

/** What someone can do who can write to the table of a write-once store, past its triggers. For tests only. */
export interface RecordDamage {
  /** Puts other bytes in the place of a record's. `NOT_FOUND` when there is none. */
  replace(stream: string, sequence: number, bytes: Uint8Array, options?: RecordDamageOptions): Promise<void>;
  /** Removes a record. `NOT_FOUND` when there is none. */
  remove(stream: string, sequence: number): Promise<void>;
  /** Adds a record at any place that is free. `ALREADY_EXISTS` when it is not. */
  insert(stream: string, sequence: number, bytes: Uint8Array, options?: RecordDamageOptions): Promise<void>;
  close(): Promise<void>;
}
