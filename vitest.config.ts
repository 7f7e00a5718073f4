import { defineConfig } from 'vitest/config';
import { CountsReporter } from './tests/runner/counts-reporter.ts';

const folders = '{packages/*/src,apps/*/src,tests,bench}';
const conditions = ['sorcha-source', 'node', 'import', 'module', 'default'];
const lane = (name: string, pattern: string, testTimeout: number) => ({
  extends: true as const,
  test: { name, include: [`${folders}/**/${pattern}.ts`], testTimeout, hookTimeout: testTimeout },
});

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    environment: 'node',
    pool: 'forks',
    reporters: ['default', new CountsReporter()],
    projects: [
      lane('unit', '!(*.int|*.sys).test', 60_000),
      lane('int', '*.int.test', 120_000),
      lane('sys', '*.sys.test', 300_000),
    ],
  },
});
