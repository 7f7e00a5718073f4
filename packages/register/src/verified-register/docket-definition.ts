import { defineWorm } from '@sorcha/storage';
import { z } from 'zod';
import { LIMITS } from '../docket/limits.ts';

/** How dockets lie in the cold tier: the stored text is the docket record itself; the stream is the register's id. */
export const docketWorm = defineWorm({
  name: 'dockets',
  schema: z.string(),
  text: { encode: (record) => record, decode: (text) => text },
  maxBytes: LIMITS.docketBytes,
});
