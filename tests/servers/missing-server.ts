/**
 * A server that this machine does not have and that could not be installed.
 *
 * In CI the test that needs it fails; elsewhere it is reported as skipped (`tests/runner/server-test-runner.ts`).
 */
export class MissingServerError extends Error {
  override readonly name = 'MissingServerError';

  /** @param remedy the command that gets the server, or what else helps. */
  constructor(server: string, remedy: string, options?: ErrorOptions) {
    super(`${server} is not here. ${remedy}`, options);
  }
}
