import type { TestCase, TestModule } from 'vitest/node';

/**
 * Names, line by line, what was not run and why: whole files that could not get a server, and the groups of tests
 * (with their number) or single tests that were skipped.
 */
export function listSkipped(modules: readonly TestModule[]): string[] {
  return modules.flatMap((module) => {
    const { missingServer } = module.meta();
    if (missingServer !== undefined) {
      return [`skipped: ${module.relativeModuleId}: ${missingServer}`];
    }
    const groups = Map.groupBy(
      [...module.children.allTests()].filter((test) => ['skipped', 'pending'].includes(test.result().state)),
      (test) => JSON.stringify([outermostName(test), test.meta().missingServer ?? '']),
    );
    return [...groups.values()].map(([first, ...more]) => {
      const name = first === undefined ? '' : more.length === 0 ? first.fullName : outermostName(first);
      const count = more.length === 0 ? '' : ` (${more.length + 1} tests)`;
      const reason = first?.meta().missingServer;
      return `skipped: ${module.relativeModuleId}: ${name}${count}${reason === undefined ? '' : `: ${reason}`}`;
    });
  });
}

function outermostName(test: TestCase): string {
  let name = test.name;
  for (let { parent } = test; parent.type === 'suite'; { parent } = parent) {
    ({ name } = parent);
  }
  return name;
}
