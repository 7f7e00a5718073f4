import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { z } from 'zod';

const DOCKETS = 100_000;
const PER_DOCKET = 10;
const MOST_BYTES = 120;
const PROGRAM = join(import.meta.dirname, '../testing/measure-facts-memory.ts');
const measured = z.object({ kept: z.number(), rss: z.number(), size: z.int(), last: z.unknown() });

it(`what is known of 1,000,000 transactions takes at most ${MOST_BYTES} bytes each`, async () => {
  const flags = ['--expose-gc', '--conditions=sorcha-source'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, PROGRAM, `${DOCKETS}`, `${PER_DOCKET}`]);
  const { kept, rss, size, last } = measured.parse(JSON.parse(stdout));
  const each = (bytes: number) => (bytes / (DOCKETS * PER_DOCKET)).toFixed(1);
  process.stderr.write(
    `facts of ${DOCKETS} dockets: ${each(kept)} bytes a transaction, the process grew by ${each(rss)}\n`,
  );
  expect({ size, last }).toEqual({ size: DOCKETS, last: { height: DOCKETS - 1, index: PER_DOCKET - 1 } });
  expect(kept / (DOCKETS * PER_DOCKET)).toBeLessThan(MOST_BYTES);
  expect(rss / (DOCKETS * PER_DOCKET)).toBeLessThan(MOST_BYTES);
});
