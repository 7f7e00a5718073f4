import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineEntity } from './define-entity.ts';

it('members that differ only in case are refused, because databases take them for one column', () => {
  const define = () =>
    defineEntity({ name: 'user', schema: z.object({ id: z.string(), mail: z.string(), Mail: z.string() }), key: 'id' });
  expect(define).toThrow(expect.objectContaining({ code: 'INVALID' }));
});
