import { createPart, type Part } from './entities.ts';

const day = (number: number): Date => new Date(Date.UTC(2026, 0, number));

/** Parts for searches: each column with its edge values, absent and null included. */
export const catalogue: readonly Part[] = [
  createPart('bare'),
  createPart('big', { size: 9_007_199_254_740_991, weight: 1e300, name: 'bolt' }),
  createPart('capital', { name: 'Bolt', size: 2, details: { maker: { city: 'Oslo' }, tags: ['x', 'y'] } }),
  createPart('dated', { made: day(1), checked: day(2), size: 1 }),
  createPart('dated-later', { made: day(3), checked: day(1), size: 2, isSpare: true }),
  createPart('dated-ms', { made: new Date(day(3).getTime() + 1), isSpare: false }),
  createPart('details-list', { details: [1, [2], { a: 1 }], size: 3 }),
  createPart('details-null', { details: null, size: 3 }),
  createPart('details-object', { details: { maker: { city: 'Bergen' }, tags: ['y'], on: true }, size: 3 }),
  createPart('details-text', { details: '2026-01-01T00:00:00.000Z', size: 3 }),
  createPart('empty', { name: '', size: 0, weight: 0 }),
  createPart('negative', { name: 'bolt', size: -5, weight: -0.5 }),
  createPart('nut', { name: 'nut', size: 2, weight: 2.5, isSpare: true, code: 'n' }),
  createPart('nut-2', { name: 'nut', size: 10, weight: 0.1, isSpare: false }),
  createPart('unicode', { name: '\u{10000}', weight: 5e-324 }),
  createPart('unicode-2', { name: '\uffff' }),
  createPart('wild', { name: 'b%_', shelf: 's', place: 1 }),
];
