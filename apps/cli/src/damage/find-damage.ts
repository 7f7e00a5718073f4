import { DAMAGES, type NamedDamage } from '@sorcha/register/testing';
import { CliError } from '../cli-error.ts';

/** The damage with a name; `USAGE` when there is none. */
export function findDamage(name: string): NamedDamage {
  const damage = DAMAGES.find((each) => each.name === name);
  if (damage === undefined) {
    throw new CliError('USAGE', `There is no damage ${JSON.stringify(name)}; "sorcha tamper --list" lists them.`);
  }
  return damage;
}
