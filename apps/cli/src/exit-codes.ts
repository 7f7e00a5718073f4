/** What the exit code of `sorcha` says. The numbers are part of the interface and never change. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  corruption: 3,
  absent: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The meaning of each exit code, as `--help` and docs/cli.md tell it. */
export const EXIT_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.ok, 'done; what was asked about is proven, or empty'],
  [
    EXIT.failure,
    'failure of the storage, the anchored head, the output or the program; demo: a damage was not found as expected; doctor: a check failed',
  ],
  [EXIT.usage, 'mistake in the command line, the input or the named folder; no docket was sealed'],
  [
    EXIT.corruption,
    'corruption was found, a part of the data folder is lost or damaged, or what was asked for is not proven',
  ],
  [EXIT.absent, 'the docket, transaction or register does not exist'],
  [EXIT.interrupted, 'ended by Ctrl-C or SIGTERM; what was printed or counted as sealed is durable'],
];
