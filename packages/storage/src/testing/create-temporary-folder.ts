import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Creates an empty folder for one test.
 *
 * @param onFinished takes what removes the folder; hand in the hook of the test runner (`onTestFinished` of vitest, or the
 * `after` of a test context).
 */
export async function createTemporaryFolder(onFinished: (remove: () => Promise<void>) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sorcha-'));
  onFinished(async () => rm(folder, { recursive: true, force: true }));
  return folder;
}
