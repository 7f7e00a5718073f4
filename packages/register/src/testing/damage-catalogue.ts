import { BROKEN_RECORDS } from './damages/broken-records.ts';
import type { NamedDamage } from './damages/damage.ts';
import { FORGED_HISTORIES } from './damages/forged-histories.ts';
import { FORGED_RECORDS } from './damages/forged-records.ts';
import { LOST_RECORDS } from './damages/lost-records.ts';
import { MISPLACED_RECORDS } from './damages/misplaced-records.ts';

/**
 * What can be done to a register by someone who can write to cold storage and to nothing else, from accidents to forgeries. All
 * of it lies under valid storage seals. `sorcha tamper`, `sorcha demo` and the random tests use this list.
 */
export const DAMAGES: readonly NamedDamage[] = [
  ...BROKEN_RECORDS,
  ...LOST_RECORDS,
  ...MISPLACED_RECORDS,
  ...FORGED_RECORDS,
  ...FORGED_HISTORIES,
];
