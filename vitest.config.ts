import { defineConfig } from 'vitest/config';
import { CountsReporter } from './tests/runner/counts-reporter.ts';

const folders = '{packages/*/src,apps/*/src,tests,bench,examples}';
// Without `import`: Node would take it for `require` too, and packages that are both kinds of module would be mixed.
const conditions = ['sorcha-source', 'node', 'module', 'default'];
const lane = (name: string, pattern: string, testTimeout: number) => ({
  extends: true as const,
  test: {
    name,
    include: [`${folders}/**/${pattern}.ts`],
    testTimeout,
    hookTimeout: testTimeout,
    ...(name === 'unit' ? {} : { globalSetup: './tests/servers/prepare.ts' }),
  },
});

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    environment: 'node',
    pool: 'forks',
    // Most files wait for processes and servers, so more of them run at once than there are cores.
    maxWorkers: 3,
    runner: './tests/runner/server-test-runner.ts',
    reporters: ['default', new CountsReporter()],
    projects: [
      lane('unit', '!(*.int|*.sys).test', 60_000),
      lane('int', '*.int.test', 240_000),
      lane('sys', '*.sys.test', 300_000),
    ],
  },
});
