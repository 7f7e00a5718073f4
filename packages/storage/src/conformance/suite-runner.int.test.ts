import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('the suites run in the test runner of Node, without any other', async () => {
  const program = `
    import { describe, it } from 'node:test';
    import { testCacheStore, testDocumentStore } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)};
    import { createMemoryCacheStore, createMemoryDocumentStore } from ${JSON.stringify(new URL('../memory/index.ts', import.meta.url).href)};
    let now = 0;
    testCacheStore({ describe, it }, {
      name: 'memory',
      open: async () => ({
        store: createMemoryCacheStore({ clock: { now: () => now } }),
        advance: async (ms) => { now += ms; },
      }),
    });
    testDocumentStore({ describe, it }, {
      name: 'memory',
      isDurable: false,
      open: async (definition) => ({ store: createMemoryDocumentStore({ definition }) }),
    });`;
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=sorcha-source', '--test-reporter=tap', '--input-type=module', '--eval', program],
    { env, maxBuffer: 10_000_000 },
  );
  expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(400);
  expect(stdout).toMatch(/^# fail 0$/m);
});
