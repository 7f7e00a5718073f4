import { describe, expect, it } from 'vitest';
import { createFact } from './create-fact.ts';
import type { SuiteRunner } from './suite-runner.ts';

/** A runner that keeps its tests, to be run by hand. */
function createRunner() {
  const tests: { name: string; run: () => Promise<void> }[] = [];
  const runner: SuiteRunner = {
    describe: (_name, define) => define(),
    it: (name, run) => {
      tests.push({ name, run });
    },
  };
  return { runner, tests };
}

function createOpener(options: { failsToClose?: boolean } = {}) {
  const log: string[] = [];
  let opened = 0;
  const open = async () => {
    opened += 1;
    const id = opened;
    log.push(`open ${id}`);
    return {
      id,
      store: {
        close: async () => {
          log.push(`close ${id}`);
          if (options.failsToClose === true) {
            throw new Error('cannot close');
          }
        },
      },
      dispose: async () => {
        log.push(`dispose ${id}`);
      },
    };
  };
  return { open, log };
}

describe('a fact', () => {
  it('is given a store of its own, which is closed and removed afterwards', async () => {
    const { runner, tests } = createRunner();
    const { open, log } = createOpener();
    const fact = createFact(runner, open);
    const seen: number[] = [];
    fact('one', async ({ id }) => {
      seen.push(id);
    });
    fact('two', async ({ id }) => {
      seen.push(id);
    });
    expect(tests.map(({ name }) => name)).toEqual(['one', 'two']);
    for (const { run } of tests) {
      await run();
    }
    expect(seen).toEqual([1, 2]);
    expect(log).toEqual(['open 1', 'close 1', 'dispose 1', 'open 2', 'close 2', 'dispose 2']);
  });

  it('that fails still has its store closed and removed', async () => {
    const { runner, tests } = createRunner();
    const { open, log } = createOpener();
    createFact(runner, open)('wrong', async () => expect.fail('it is not so'));
    await expect(tests[0]?.run()).rejects.toThrow('it is not so');
    expect(log).toEqual(['open 1', 'close 1', 'dispose 1']);
  });

  it('fails when its store cannot be closed, and what was made for it is removed', async () => {
    const { runner, tests } = createRunner();
    const { open, log } = createOpener({ failsToClose: true });
    createFact(runner, open)('right', async () => undefined);
    await expect(tests[0]?.run()).rejects.toThrow('cannot close');
    expect(log).toEqual(['open 1', 'close 1', 'dispose 1']);
  });
});
