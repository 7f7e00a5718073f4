import type { Reporter, SerializedError, TestModule } from 'vitest/node';
import { createConformanceMatrix } from './conformance-matrix.ts';
import { listSkipped } from './list-skipped.ts';

/**
 * Prints the closing lines of a run after every other reporter: which facts each provider has shown, what was skipped by
 * name, and last `N passed, N failed, N skipped`.
 *
 * Modules that fail to load, hooks that fail and errors outside any test count as failures: a run that lost tests must
 * not look green.
 */
export class CountsReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandledErrors: ReadonlyArray<SerializedError>): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      // A whole file counts as one: how many tests it has is known only where its server is.
      counts.skipped += module.meta().missingServer === undefined ? 0 : 1;
      for (const suite of module.children.allSuites()) {
        counts.failed += suite.errors().length;
      }
      for (const test of module.children.allTests()) {
        counts[test.result().state] += 1;
      }
    }
    const skipped = counts.skipped + counts.pending;
    const tail = skipped > 0 ? `, ${skipped} skipped` : '';
    const blocks = [
      createConformanceMatrix(modules),
      listSkipped(modules),
      [`${counts.passed} passed, ${counts.failed} failed${tail}`],
    ];
    process.on('exit', () => {
      const text = blocks.filter((lines) => lines.length > 0).map((lines) => `\n${lines.join('\n')}\n`);
      process.stdout.write(text.join(''));
    });
  }
}
