import { relinkSuffix, withoutTransaction } from '../tamper-record.ts';
import type { NamedDamage } from './damage.ts';
import { forgeDocket } from './forge-docket.ts';
import { chooseHeight, chooseNumber, damageOne, expectAt, heightsFrom, readIntact } from './plan-damage.ts';

/** How far above the head a stray record lies at most. */
const FARTHEST_STRAY = 1000;

const rehashSuffix: NamedDamage = {
  name: 'rehash-suffix',
  description: 'History is rewritten: a docket is changed and every docket above is hashed and linked again.',
  async plan(target) {
    const height = chooseHeight(target, 0, target.size - 1);
    const heights = heightsFrom(height, target.size - 1);
    const records = await Promise.all(heights.map(async (at) => target.read(at)));
    const index = chooseNumber(target, 0, (await readIntact(target, height)).transactions.length - 1);
    const relinked = relinkSuffix(records, (draft) =>
      draft.transactions.length > 1
        ? withoutTransaction(draft, index)
        : { ...draft, timestamp: Math.floor(draft.timestamp / 2) },
    );
    return {
      action: `Changes docket ${height}, then hashes and links it and all dockets above again`,
      changes: relinked.map((bytes, step) => ({ height: height + step, bytes })),
      expected: expectAt(heights, 'Forked'),
    };
  },
};

const rollBackAndExtend: NamedDamage = {
  name: 'roll-back-and-extend',
  description: 'An old backup is put in place of the register and goes on with another, properly signed docket.',
  async plan(target) {
    const height = chooseHeight(target, 1, target.size - 2);
    const lost = heightsFrom(height + 1, target.size - 1);
    const { record } = await forgeDocket(target, height);
    return {
      action: `Goes back to the state below docket ${height} and seals another docket there`,
      changes: [{ height, bytes: record }, ...lost.map((at) => ({ height: at, bytes: undefined }))],
      expected: [...expectAt([height], 'Forked'), ...expectAt(lost, 'RolledBack')],
    };
  },
};

const extend: NamedDamage = {
  name: 'extend-forged',
  description: 'A properly signed and linked docket that this node never announced is added above the head.',
  async plan(target) {
    const height = chooseHeight(target, target.size, target.size);
    const { hash } = await readIntact(target, height - 1);
    const { record } = await forgeDocket(target, height - 1, (place) => ({ ...place, height, previousHash: hash }));
    return damageOne(`Adds docket ${height} above the head`, { height, bytes: record }, 'Forked');
  },
};

const stray: NamedDamage = {
  name: 'stray',
  description: 'A properly signed docket lies above the head, with a gap below it.',
  async plan(target) {
    const { size } = target;
    const height = chooseHeight(target, size + 1, size + FARTHEST_STRAY);
    const { hash } = await readIntact(target, size - 1);
    const { record } = await forgeDocket(target, size - 1, (place) => ({ ...place, height, previousHash: hash }));
    return damageOne(`Adds docket ${height}, far above the head`, { height, bytes: record }, 'BrokenChainLink');
  },
};

/** Whole histories forged so that every record in them looks right: only the anchored head can tell. */
export const FORGED_HISTORIES: readonly NamedDamage[] = [rehashSuffix, rollBackAndExtend, extend, stray];
