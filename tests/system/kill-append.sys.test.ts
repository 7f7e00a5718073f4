import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chooseSeed, createRandom, createTemporaryFolder } from '@sorcha/storage/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { openDataFolder } from '../../apps/cli/src/data-folder/open-data-folder.ts';
import { verifyFolder } from '../../apps/cli/src/verification/verify-folder.ts';
import { collectRun, runSorcha, startSorcha } from './run-sorcha.ts';

const CYCLES = 200;
/** Each worker keeps its own folder and changes it from time to time, so that opening it stays quick. */
const WORKERS = 2;
const CYCLES_PER_FOLDER = 20;
const REGISTER = 'main';

/** What a process acknowledged: one printed line per docket. */
const acknowledgement = z.object({ height: z.number(), hash: z.string() });
type Acknowledged = z.output<typeof acknowledgement>;

describe('a process that is killed while it appends (FR-045, SC-006)', () => {
  it(`keeps every acknowledged docket and shows no half one, over ${CYCLES} kills`, async () => {
    const seed = chooseSeed('kill-append');
    const root = await createTemporaryFolder(onTestFinished);
    const counts = await Promise.all(
      Array.from({ length: WORKERS }, (_, worker) => runWorker(join(root, String(worker)), seed + worker)),
    );
    const acknowledged = counts.reduce((sum, count) => sum + count, 0);
    process.stderr.write(
      `kill-append: ${CYCLES} kills, ${acknowledged} acknowledged dockets, all present and proven\n`,
    );
    expect(acknowledged).toBeGreaterThan(CYCLES / 2);
  });
});

async function runWorker(root: string, seed: number): Promise<number> {
  const random = createRandom(seed);
  let count = 0;
  for (let cycle = 0; cycle < CYCLES / WORKERS; cycle += CYCLES_PER_FOLDER) {
    const folder = join(root, String(cycle));
    expect(await runSorcha(['init', '--data', folder])).toMatchObject({ exitCode: 0 });
    const acknowledged: Acknowledged[] = [];
    for (let turn = 0; turn < CYCLES_PER_FOLDER; turn++) {
      acknowledged.push(...(await appendAndKill(folder, random)));
      await expectAllPresent(folder, acknowledged);
    }
    count += acknowledged.length;
  }
  return count;
}

/** Two kills of three fall while dockets are being sealed, the third anywhere from the start of the process on. */
async function appendAndKill(folder: string, random: () => number): Promise<Acknowledged[]> {
  const child = startSorcha(['append', '--data', folder, '--payload', '"x"', '--count', '100000', '--json']);
  const ended = collectRun(child);
  if (random() < 2 / 3) {
    await Promise.race([new Promise((resolve) => child.stdout?.once('data', resolve)), ended]);
    await delay(random() * 150);
  } else {
    await delay(random() * 600);
  }
  child.kill('SIGKILL');
  const { exitCode, stdout, stderr } = await ended;
  expect({ exitCode, stderr }).toEqual({ exitCode: null, stderr: '' });
  // A line that was cut by the kill was not acknowledged.
  const lines = stdout.split('\n').slice(0, -1);
  return lines.map((line) => acknowledgement.parse(JSON.parse(line)));
}

async function expectAllPresent(folder: string, acknowledged: readonly Acknowledged[]): Promise<void> {
  const data = await openDataFolder(folder);
  try {
    const { result, hashes } = await verifyFolder(data, REGISTER);
    expect(result).toMatchObject({ ranges: [], losses: [] });
    expect(result.verdict).toBeOneOf(acknowledged.length > 0 ? ['proven'] : ['proven', 'empty']);
    expect(acknowledged.filter(({ height, hash }) => hashes[height] !== hash)).toEqual([]);
  } finally {
    await data.close();
  }
}
