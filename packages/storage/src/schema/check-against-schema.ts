import { z } from 'zod';
import { StorageError } from '../storage-error.ts';

/** Parses `input` with `schema`; `INVALID` lists every problem with its path. */
export function checkAgainstSchema<S extends z.ZodType>(schema: S, input: unknown, what: string): z.output<S> {
  const result = schema.safeParse(input);
  if (!result.success) {
    const problems = result.error.issues.map(
      (issue) => `${z.core.toDotPath(issue.path) || '(root)'}: ${issue.message}`,
    );
    throw new StorageError('INVALID', `Invalid ${what}: ${problems.join('; ')}`, { cause: result.error });
  }
  return result.data;
}
