import { defineEntity } from '@sorcha/storage';
import { z } from 'zod';

/** What the programs for tests write: rows of amounts that belong together. */
export const account = defineEntity({
  name: 'account',
  schema: z.object({ id: z.string(), amount: z.int() }),
  key: 'id',
});
