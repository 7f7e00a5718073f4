/** What the exit code of `sorcha` says. The numbers are part of the interface and never change. */
export const EXIT = {
  /** Done, and what was asked about is proven. */
  ok: 0,
  /** A failure of the storage, the anchored head, a key, or the program. */
  failure: 1,
  /** A mistake in the command line, the input or the named folder. Nothing was written. */
  usage: 2,
  /** Corruption was found, or what was asked for is not proven. */
  corruption: 3,
  /** The asked docket, transaction or register does not exist. */
  absent: 4,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
