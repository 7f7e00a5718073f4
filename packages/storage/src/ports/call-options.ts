/** What every call on a port takes as its last parameter. */
export interface CallOptions {
  /** Ends the wait with `TIMEOUT` when it fires. A write that was already sent may still take effect (`OUTCOME_UNKNOWN`). */
  readonly signal?: AbortSignal;
}
