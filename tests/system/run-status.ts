import { expect } from 'vitest';
import { z } from 'zod';
import { runForJson as run } from './run-sorcha.ts';

const statusSchema = z.array(
  z.object({
    register: z.string(),
    stored: z.number().nullable(),
    anchored: z.number().nullable(),
    problem: z.string().nullable(),
    state: z.string(),
  }),
);

/** Runs `sorcha status`, whose exit code is to be this one, and returns the registers that it tells of. */
export async function runStatus(folder: string, exitCode: number): Promise<z.infer<typeof statusSchema>> {
  const status = await run(['status', '--data', folder]);
  expect(status).toMatchObject({ exitCode, schema: 'sorcha.status/v1' });
  return statusSchema.parse(status['registers']);
}
