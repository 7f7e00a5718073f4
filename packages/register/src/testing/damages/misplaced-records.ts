import type { NamedDamage } from './damage.ts';
import { forgeDocket } from './forge-docket.ts';
import { chooseHeight, chooseNumber, damageOne, expectAt } from './plan-damage.ts';

const swap: NamedDamage = {
  name: 'swap',
  description: 'Two intact records change places.',
  async plan(target) {
    const height = chooseHeight(target, 0, target.size - 1);
    const other = (height + chooseNumber(target, 1, target.size - 1)) % target.size;
    return {
      action: `Swaps dockets ${height} and ${other}`,
      changes: [
        { height, bytes: await target.read(other) },
        { height: other, bytes: await target.read(height) },
      ],
      expected: expectAt([height, other], 'MalformedData'),
    };
  },
};

const moveHeight: NamedDamage = {
  name: 'move-height',
  description: 'A copy of one intact record lies in the place of another.',
  async plan(target) {
    const height = chooseHeight(target, 0, target.size - 1);
    const other = (height + chooseNumber(target, 1, target.size - 1)) % target.size;
    const change = { height, bytes: await target.read(other) };
    return damageOne(`Puts a copy of docket ${other} in the place of docket ${height}`, change, 'MalformedData');
  },
};

const moveFromRegister: NamedDamage = {
  name: 'move-from-register',
  description: 'An intact record of another register lies in the place of one, at the same height.',
  async plan(target) {
    const height = chooseHeight(target, 0, target.size - 1);
    const { record } = await forgeDocket(target, height, (header) => ({
      ...header,
      registerId: header.registerId === 'another' ? 'yet-another' : 'another',
    }));
    const action = `Puts a docket of another register in the place of docket ${height}`;
    return damageOne(action, { height, bytes: record }, 'MalformedData');
  },
};

/** Damage by intact records in the wrong place. */
export const MISPLACED_RECORDS: readonly NamedDamage[] = [swap, moveHeight, moveFromRegister];
