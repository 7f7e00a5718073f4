import type { DamageTarget, NamedDamage, RecordChange } from './damage.ts';
import { chooseHeight, chooseNumber, damageOne, expectAt, heightsFrom } from './plan-damage.ts';

/** `truncate` removes so many dockets at most, unless a height is wanted; `roll-back` goes back further. */
const TRUNCATED = 3;

const drop: NamedDamage = {
  name: 'drop',
  description: 'One record is deleted, with others above it.',
  async plan(target) {
    const height = chooseHeight(target, 0, target.size - 2);
    return damageOne(`Removes docket ${height}`, { height, bytes: undefined }, 'MissingData');
  },
};

const truncate: NamedDamage = {
  name: 'truncate',
  description: 'The newest records are lost, as when the last writes never reached the disk.',
  async plan(target) {
    const from = target.height ?? target.size - chooseNumber(target, 1, Math.min(TRUNCATED, target.size - 1));
    return planLossFrom(target, from, 'Removes the newest dockets');
  },
};

const rollBack: NamedDamage = {
  name: 'roll-back',
  description: 'An old backup is put in place of the register: valid in every part, and half of it or more is missing.',
  async plan(target) {
    const from = target.height ?? chooseNumber(target, 1, Math.floor(target.size / 2));
    return planLossFrom(target, from, 'Puts back an old state of the register');
  },
};

const erase: NamedDamage = {
  name: 'erase',
  description: 'All records of the register are gone.',
  async plan({ size }) {
    const heights = heightsFrom(0, size - 1);
    return {
      action: 'Removes every docket',
      changes: heights.map(remove),
      expected: expectAt(heights, 'MissingData'),
    };
  },
};

function planLossFrom(target: DamageTarget, from: number, action: string) {
  const last = target.size - 1;
  const heights = heightsFrom(chooseHeight({ ...target, height: from }, 1, last), last);
  return {
    action: `${action}: ${from === last ? `${from} is` : `${from} to ${last} are`} gone`,
    changes: heights.map(remove),
    expected: expectAt(heights, 'RolledBack'),
  };
}

function remove(height: number): RecordChange {
  return { height, bytes: undefined };
}

/** Damage that leaves only intact records, and fewer of them. */
export const LOST_RECORDS: readonly NamedDamage[] = [drop, truncate, rollBack, erase];
