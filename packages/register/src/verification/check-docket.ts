import { checkOutline } from '../docket/check-transaction.ts';
import { type DocketOutline, parseDocketOutline } from '../docket/docket-outline.ts';
import { merkleRoot } from '../docket/merkle-tree.ts';
import type { ReadableParts } from '../docket/parse-docket.ts';
import { quote } from '../docket/parsed.ts';
import { sha256Hex } from '../docket/sha256.ts';
import type { Damage } from './corruption.ts';

const NAMED_TRANSACTIONS = 5;

/** Where a docket record was stored, and so what it must say about itself. */
export interface DocketPlace {
  readonly registerId: string;
  readonly height: number;
}

/** The first transaction of a docket that its sender did not sign. */
export interface BadSignature {
  /** Position in the docket, from 0. */
  readonly index: number;
  readonly transactionId: string;
  readonly detail: string;
}

/**
 * What one docket record proves about itself; how it fits into the chain is for `judgeChain`. Plain data that
 * can be sent between threads and holds none of the record's bytes.
 */
export interface DocketCheck {
  /** The first thing wrong with the docket itself; absent when only its signatures can still be bad. */
  readonly damage?: Damage;
  /** The first bad signature of an otherwise undamaged docket. */
  readonly badSignature?: BadSignature;
  /** SHA-256 of the record's bytes, in hex. */
  readonly recordDigest: string;
  /** The hash computed from the header. This and the next four are facts only if there is no `damage`. */
  readonly hash?: string;
  readonly claimedHash?: string;
  readonly previousHash?: string;
  /** Milliseconds since 1970. */
  readonly timestamp?: number;
  readonly transactionCount?: number;
  /** In the order of the docket; empty where the record cannot be read. */
  readonly transactionIds: readonly string[];
  /** How many signatures were verified for this verdict. */
  readonly signaturesChecked: number;
}

/** Checks one docket record by the rules of ledger format v1. Pure, and never throws for any bytes. */
export function checkDocket(record: Uint8Array, place: DocketPlace): DocketCheck {
  const found = { recordDigest: sha256Hex(record), transactionIds: [], signaturesChecked: 0 };

  // 1. Parse: form and limits.
  const { value: docket, problem, readable } = parseDocketOutline(record);
  const leads = toLeads(readable);
  if (problem !== undefined) return { ...found, ...leads, damage: malformed(problem.detail) };
  const facts = { ...found, ...leads, transactionIds: docket.transactions.map((transaction) => transaction.id) };

  // 2. Identity: of this register, at this height, with transactions of this register, none of them twice.
  const mistaken = findIdentityProblem(docket, place);
  if (mistaken !== undefined) return { ...facts, damage: malformed(mistaken) };

  // 3. Hash: the header hashes to what the record claims.
  if (docket.hash !== docket.claimedHash) {
    return { ...facts, damage: invalidHash('the header does not hash to the claimed docket hash') };
  }

  // 4. Root: the transactions are those that the header counts and hashes.
  const unproven = findRootProblem(docket);
  if (unproven !== undefined) {
    const detail = `${unproven}; ${describeSignatures(docket)}`;
    return { ...facts, damage: invalidHash(detail), signaturesChecked: docket.transactions.length };
  }

  // 5. Signatures: every transaction was signed by its sender.
  for (const [index, transaction] of docket.transactions.entries()) {
    const refused = checkOutline(transaction);
    if (refused !== undefined) {
      const badSignature = { index, transactionId: transaction.id, detail: refused.detail };
      return { ...facts, badSignature, signaturesChecked: index + 1 };
    }
  }
  return { ...facts, signaturesChecked: docket.transactions.length };
}

function toLeads({ claimedHash, header, hash }: ReadableParts) {
  return {
    ...(claimedHash === undefined ? {} : { claimedHash }),
    ...(hash === undefined ? {} : { hash }),
    ...(header === undefined
      ? {}
      : {
          previousHash: header.previousHash,
          timestamp: header.timestamp,
          transactionCount: header.transactionCount,
        }),
  };
}

function findIdentityProblem(
  { header, transactions }: DocketOutline,
  { registerId, height }: DocketPlace,
): string | undefined {
  if (header.registerId !== registerId || header.height !== height) {
    return `the record belongs to the register ${quote(header.registerId)}, height ${header.height}`;
  }
  const ids = new Set<string>();
  for (const [index, { id, registerId: named }] of transactions.entries()) {
    if (named !== registerId) return `transaction ${index} belongs to the register ${quote(named)}`;
    if (ids.has(id)) return `transaction ${index} (${id}) is in the docket twice`;
    ids.add(id);
  }
  return undefined;
}

function findRootProblem({ header, transactions }: DocketOutline): string | undefined {
  if (transactions.length !== header.transactionCount) {
    return `the docket has ${transactions.length} of ${header.transactionCount} transactions`;
  }
  const root = Buffer.from(merkleRoot(transactions.map((transaction) => transaction.record))).toString('hex');
  return root === header.transactionsRoot ? undefined : 'the transactions do not hash to the root in the header';
}

/** Says which transactions cannot be as they were sealed, to help a person who looks for the damage. */
function describeSignatures({ transactions }: DocketOutline): string {
  const bad = transactions.flatMap((transaction, index) =>
    checkOutline(transaction) === undefined ? [] : [`${index} (${transaction.id})`],
  );
  if (bad.length === 0) return 'every transaction in it is signed';
  const more = bad.length > NAMED_TRANSACTIONS ? ` and ${bad.length - NAMED_TRANSACTIONS} more` : '';
  return `not signed by the sender: transaction ${bad.slice(0, NAMED_TRANSACTIONS).join(', ')}${more}`;
}

function malformed(detail: string): Damage {
  return { kind: 'MalformedData', detail };
}

function invalidHash(detail: string): Damage {
  return { kind: 'InvalidDocketHash', detail };
}
