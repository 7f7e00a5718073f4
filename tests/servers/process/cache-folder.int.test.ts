import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openCacheFolder } from './cache-folder.ts';

it('is the folder of the user, and one of his own in the temporary folder where that cannot be', async () => {
  const home = await mkdtemp(join(tmpdir(), 'sorcha-home-'));
  onTestFinished(async () => rm(home, { recursive: true }));
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('XDG_CACHE_HOME', join(home, 'cache'));
  vi.stubEnv('TMPDIR', home);
  expect(await openCacheFolder()).toBe(join(home, 'cache', 'sorcha'));
  await writeFile(join(home, 'file'), '');
  vi.stubEnv('XDG_CACHE_HOME', join(home, 'file'));
  const other = await openCacheFolder();
  expect(other).toBe(join(home, `sorcha-cache-${userInfo().uid}`));
  expect((await stat(other)).mode & 0o077).toBe(0);
});
