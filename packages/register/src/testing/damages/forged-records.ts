import { LIMITS } from '../../docket/limits.ts';
import { breakLink, forgeSignature, rehash, withoutTransaction } from '../tamper-record.ts';
import { changePayload } from './change-payload.ts';
import type { NamedDamage } from './damage.ts';
import { forgeDocket } from './forge-docket.ts';
import { chooseDocketOfMany, chooseHeight, chooseNumber, damageOne, readIntact } from './plan-damage.ts';

const forgeOneSignature: NamedDamage = {
  name: 'forge-signature',
  description: "A transaction is signed again with the attacker's key; root and hash of its docket are made right.",
  async plan(target) {
    const height = chooseHeight(target, 0, target.size - 1);
    const { record, transactions } = await readIntact(target, height);
    const index = chooseNumber(target, 0, transactions.length - 1);
    const forger = await target.forger(transactions[index]?.body.signer.algorithm ?? 'ed25519');
    const action = `Forges the signature of transaction ${index} in docket ${height}`;
    return damageOne(action, { height, bytes: forgeSignature(record, index, forger) }, 'InvalidTransactionSignature');
  },
};

const replacePayload: NamedDamage = {
  name: 'replace-payload',
  description: 'A payload is replaced under its old signature; root and hash of its docket are made right.',
  async plan(target) {
    const height = chooseHeight(target, 0, target.size - 1);
    const { record, transactions } = await readIntact(target, height);
    const index = chooseNumber(target, 0, transactions.length - 1);
    const bytes = rehash(record, (draft) => ({
      ...draft,
      transactions: draft.transactions.with(index, changePayload(draft.transactions[index])),
    }));
    const action = `Replaces the payload of transaction ${index} in docket ${height}`;
    return damageOne(action, { height, bytes }, 'InvalidTransactionSignature');
  },
};

const breakOneLink: NamedDamage = {
  name: 'break-link',
  description: 'A docket continues another one than the docket below it; its hash is made right.',
  async plan(target) {
    const height = chooseHeight(target, 0, target.size - 1);
    const digits = Array.from({ length: 62 }, () => chooseNumber(target, 0, 15).toString(16));
    const previousHash = `ab${digits.join('')}`;
    const bytes = breakLink(await target.read(height), previousHash);
    return damageOne(`Links docket ${height} to another one`, { height, bytes }, 'BrokenChainLink');
  },
};

const replaceDocket: NamedDamage = {
  name: 'replace-docket',
  description: 'A docket is replaced by one that the attacker made, properly signed and linked.',
  async plan(target) {
    const height = chooseHeight(target, 0, target.size - 1);
    const { record } = await forgeDocket(target, height);
    return damageOne(`Replaces docket ${height} by a properly signed one`, { height, bytes: record }, 'Forked');
  },
};

const dropTransaction: NamedDamage = {
  name: 'drop-transaction',
  description: 'A transaction is left out of its docket; count, root and hash are made right.',
  async plan(target) {
    const { record, header, transactions } = await chooseDocketOfMany(target);
    const index = chooseNumber(target, 0, transactions.length - 1);
    const bytes = rehash(record, (draft) => withoutTransaction(draft, index));
    const action = `Leaves transaction ${index} out of docket ${header.height}`;
    return damageOne(action, { height: header.height, bytes }, 'Forked');
  },
};

const reorderTransactions: NamedDamage = {
  name: 'reorder-transactions',
  description: 'The transactions of a docket change their order; root and hash are made right.',
  async plan(target) {
    const { record, header } = await chooseDocketOfMany(target);
    const bytes = rehash(record, (draft) => ({ ...draft, transactions: draft.transactions.toReversed() }));
    const action = `Reverses the order of the transactions in docket ${header.height}`;
    return damageOne(action, { height: header.height, bytes }, 'Forked');
  },
};

const replay: NamedDamage = {
  name: 'replay',
  description: 'A transaction is sealed a second time in a later docket; count, root and hash are made right.',
  async plan(target) {
    const height = chooseHeight(target, 1, target.size - 1);
    const from = chooseNumber(target, 0, height - 1);
    const { transactions } = await readIntact(target, from);
    const index = chooseNumber(target, 0, transactions.length - 1);
    const bytes = rehash(await target.read(height), (draft) => ({
      ...draft,
      transactions: [
        ...draft.transactions.slice(0, LIMITS.transactionsPerDocket - 1),
        ...transactions.slice(index, index + 1),
      ],
    }));
    const action = `Seals transaction ${index} of docket ${from} again in docket ${height}`;
    return damageOne(action, { height, bytes }, 'Forked');
  },
};

/** One record forged so that it looks right by itself. */
export const FORGED_RECORDS: readonly NamedDamage[] = [
  forgeOneSignature,
  replacePayload,
  breakOneLink,
  replaceDocket,
  dropTransaction,
  reorderTransactions,
  replay,
];
