/** What a test runner must be able to do; `{ describe, it }` of vitest, Jest and node:test fit. */
export interface SuiteRunner {
  /** Groups what `define` declares under a name. */
  describe(name: string, define: () => void): void;
  /** Declares one test, which fails when `run` does. */
  it(name: string, run: () => Promise<void>): void;
}
