import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tryLock, withLock } from './machine-lock.ts';

const MODULE = join(import.meta.dirname, 'machine-lock.ts');

describe('a lock of the machine', () => {
  it('is held by one at a time, and can be taken again once it was given back', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const release = await tryLock(name);
    expect(release).toBeDefined();
    expect(await tryLock(name)).toBeUndefined();
    await release?.();
    await (await tryLock(name))?.();
  });

  it('lets those who wait work one after the other', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const events: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map(async (who) =>
        withLock(name, async () => {
          events.push(`${who} begins`);
          await new Promise(setImmediate);
          events.push(`${who} ends`);
        }),
      ),
    );
    expect(events).toHaveLength(6);
    for (let index = 0; index < events.length; index += 2) {
      expect(events[index + 1]).toBe(events[index]?.replace('begins', 'ends'));
    }
  });

  it('is given back when the work fails', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const failing = withLock(name, async () => {
      throw new Error('as meant');
    });
    await expect(failing).rejects.toThrow('as meant');
    expect(await withLock(name, async () => 'worked')).toBe('worked');
  });

  it('is given back by the kernel when its owner is killed', async () => {
    const name = `test-${crypto.randomUUID()}`;
    const program = `
      const { tryLock } = await import(${JSON.stringify(MODULE)});
      await tryLock(${JSON.stringify(name)});
      console.log('locked');
      setInterval(() => undefined, 1_000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void owner.kill('SIGKILL'));
    await once(owner.stdout, 'data');
    expect(await tryLock(name)).toBeUndefined();
    const waiting = withLock(name, async () => 'worked');
    owner.kill('SIGKILL');
    expect(await waiting).toBe('worked');
  });
});
