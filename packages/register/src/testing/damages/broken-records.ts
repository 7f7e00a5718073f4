import { toCanonicalJson } from '../../docket/canonical-json.ts';
import { bitFlip, cutRecord } from '../tamper-record.ts';
import { changePayload } from './change-payload.ts';
import type { NamedDamage } from './damage.ts';
import { chooseHeight, chooseNumber, damageOne, readIntact } from './plan-damage.ts';

const LINE_FEED = 0x0a;
const HEAD_LINES = 3;

const flipBit: NamedDamage = {
  name: 'bit-flip',
  description: 'One bit of a stored record turns over, as on a failing disk.',
  async plan(target) {
    const height = chooseHeight(target, 0, target.size - 1);
    const record = await target.read(height);
    const bit = chooseNumber(target, 0, record.length * 8 - 1);
    const action = `Flips bit ${bit} of docket ${height}`;
    // Where the record can still be read with the bit turned, its hash or its root shows it.
    return damageOne(action, { height, bytes: bitFlip(record, bit) }, 'MalformedData', 'InvalidDocketHash');
  },
};

const truncateRecord: NamedDamage = {
  name: 'truncate-record',
  description: 'The end of a stored record is lost, as in a torn write.',
  async plan(target) {
    const height = chooseHeight(target, 0, target.size - 1);
    const record = await target.read(height);
    const length = chooseNumber(target, 0, record.length - 1);
    // A cut behind a whole line is another damage, `lose-transactions`.
    const torn = record[length - 1] === LINE_FEED ? length - 1 : length;
    const action = `Cuts docket ${height} off after ${torn} of ${record.length} bytes`;
    return damageOne(action, { height, bytes: cutRecord(record, torn) }, 'MalformedData');
  },
};

const loseTransactions: NamedDamage = {
  name: 'lose-transactions',
  description: 'The last transactions of a stored docket are lost, without a torn line.',
  async plan(target) {
    const height = chooseHeight(target, 0, target.size - 1);
    const record = await target.read(height);
    const ends = [...record.entries()].filter(([, byte]) => byte === LINE_FEED).map(([index]) => index + 1);
    const kept = chooseNumber(target, 0, ends.length - HEAD_LINES - 1);
    const bytes = cutRecord(record, ends[HEAD_LINES + kept - 1] ?? 0);
    const action = `Keeps ${kept} of ${ends.length - HEAD_LINES} transactions of docket ${height}`;
    return damageOne(action, { height, bytes }, 'InvalidDocketHash');
  },
};

const overwrite: NamedDamage = {
  name: 'overwrite',
  description: 'Random bytes lie where a record was, as after a misdirected write.',
  async plan(target) {
    const height = chooseHeight(target, 0, target.size - 1);
    const { length } = await target.read(height);
    const bytes = Uint8Array.from({ length }, () => chooseNumber(target, 0, 255));
    return damageOne(`Overwrites docket ${height} with random bytes`, { height, bytes }, 'MalformedData');
  },
};

const editPayload: NamedDamage = {
  name: 'edit-payload',
  description: 'Someone edits a payload in the database and leaves everything else as it was.',
  async plan(target) {
    const height = chooseHeight(target, 0, target.size - 1);
    const { record, transactions } = await readIntact(target, height);
    const index = chooseNumber(target, 0, transactions.length - 1);
    const lines = splitLines(record);
    const changed = changePayload(transactions[index]);
    const bytes = Buffer.concat(lines.with(HEAD_LINES + index, Buffer.concat([changed.record, Buffer.from('\n')])));
    const action = `Edits a payload of transaction ${index} in docket ${height}`;
    return damageOne(action, { height, bytes }, 'InvalidDocketHash');
  },
};

const editHeader: NamedDamage = {
  name: 'edit-header',
  description: 'Someone dates a docket back in the database and leaves its hash as it was.',
  async plan(target) {
    const height = chooseHeight(target, 0, target.size - 1);
    const { record, header } = await readIntact(target, height);
    const earlier = { ...header, timestamp: Math.floor(header.timestamp / 2) };
    const lines = splitLines(record);
    const bytes = Buffer.concat(lines.with(HEAD_LINES - 1, Buffer.from(`${toCanonicalJson(earlier)}\n`)));
    return damageOne(`Dates docket ${height} back`, { height, bytes }, 'InvalidDocketHash');
  },
};

function splitLines(record: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < record.length; start += lines.at(-1)?.length ?? 0) {
    lines.push(record.subarray(start, record.indexOf(LINE_FEED, start) + 1));
  }
  return lines;
}

/** Damage that a record shows by itself, without its neighbours or the anchored head. */
export const BROKEN_RECORDS: readonly NamedDamage[] = [
  flipBit,
  truncateRecord,
  loseTransactions,
  overwrite,
  editPayload,
  editHeader,
];
