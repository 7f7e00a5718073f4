import type { TestModule } from 'vitest/node';

/** Names, line by line, what passed only when it was run again: machines that stall do that, and so do races. */
export function listRetried(modules: readonly TestModule[]): string[] {
  return modules.flatMap((module) =>
    [...module.children.allTests()]
      .filter((test) => test.diagnostic()?.flaky === true)
      .map((test) => `passed only when run again: ${module.relativeModuleId}: ${test.fullName}`),
  );
}
