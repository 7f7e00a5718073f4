import { checkTransaction } from '../docket/check-transaction.ts';
import { parseDocketRecord } from '../docket/parse-docket.ts';
import { RegisterError } from '../docket/register-error.ts';
import type { Transaction } from '../docket/transaction.ts';
import { checkDocket } from '../verification/check-docket.ts';
import type { RegisterCore } from './register-core.ts';
import type { DocketFacts } from './verified-facts.ts';

/** Checks signed transactions for the next docket. The first that may not be sealed is the error. */
export function checkTransactions(core: RegisterCore, records: readonly (string | Uint8Array)[]): Transaction[] {
  const { registerId } = core.options;
  const list = toList(records);
  if (list.length === 0) {
    throw new RegisterError('INVALID', 'Nothing was handed in to be sealed; hand in at least one record.');
  }
  return list.map((record, index) => {
    const { value, problem } = checkTransaction(record, registerId);
    if (problem !== undefined) {
      throw new RegisterError(problem.code, `Transaction ${index} is refused: ${problem.detail}.`);
    }
    requireNew(core, [value.id]);
    return value;
  });
}

/** Checks finished dockets one by one, each of which is to continue the one before; nothing is changed. */
export interface DocketChecker {
  /** The facts of the next docket. The first rule that it breaks is the error; then the checker is of no more use. */
  check(record: Uint8Array): DocketFacts;
}

/** Starts a checker of dockets that are to continue the register as it is known. */
export function createDocketChecker(core: RegisterCore): DocketChecker {
  const { registerId } = core.options;
  const seen = new Set<string>();
  let height = core.facts.size;
  let previousHash = core.facts.headHash;
  return {
    check(record) {
      if (!(record instanceof Uint8Array)) {
        throw new RegisterError('INVALID', `Docket ${height} is refused: it is no bytes; hand in its "record".`);
      }
      const check = checkDocket(record, { registerId, height });
      const { hash, timestamp } = check;
      if (check.damage !== undefined || hash === undefined || timestamp === undefined) {
        throw refuse(record, height, check.damage?.detail ?? 'it has no hash');
      }
      if (check.badSignature !== undefined) {
        const { detail, transactionId } = check.badSignature;
        throw new RegisterError('INVALID_SIGNATURE', `Transaction ${transactionId} is refused: ${detail}.`);
      }
      if (check.previousHash !== previousHash) {
        throw conflict(`Docket ${height} continues ${check.previousHash}, not ${previousHash}`);
      }
      requireNew(core, check.transactionIds, seen);
      height += 1;
      const facts = { hash, digest: check.recordDigest, previousHash, timestamp, transactionIds: check.transactionIds };
      previousHash = hash;
      return facts;
    },
  };
}

/** The error for a docket that is damaged, or none of this height. */
function refuse(record: Uint8Array, height: number, detail: string): RegisterError {
  const { value, problem } = parseDocketRecord(record);
  if (value !== undefined && value.header.height !== height) {
    return conflict(`The register continues at height ${height}, not at ${value.header.height}`);
  }
  return new RegisterError(problem?.code ?? 'INVALID', `Docket ${height} is refused: ${detail}.`);
}

function conflict(reason: string): RegisterError {
  return new RegisterError('SEQUENCE_CONFLICT', `${reason}; seal the transactions again.`);
}

function requireNew(core: RegisterCore, ids: readonly string[], seen: Set<string> = new Set()): void {
  for (const id of ids) {
    const place = core.facts.find(id);
    if (place !== undefined || seen.has(id)) {
      const where = place === undefined ? 'in one of these dockets' : `at height ${place.height}`;
      throw new RegisterError('DUPLICATE_TRANSACTION', `Transaction ${id} is already sealed ${where}.`);
    }
    seen.add(id);
  }
}

/** Refuses what is no list. What is in it is checked one by one: of one with holes, `undefined` in their place. */
export function toList<T>(records: readonly T[]): T[] {
  const isList: boolean = Array.isArray(records);
  if (!isList) {
    throw new RegisterError('INVALID', 'Hand in a list of records, even for one.');
  }
  return Array.from(records);
}

const REFUSALS: ReadonlySet<string> = new Set([
  'INVALID',
  'INVALID_KEY',
  'INVALID_SIGNATURE',
  'LIMIT_EXCEEDED',
  'DUPLICATE_TRANSACTION',
]);

/** Runs a check and tells the audit when it refuses what was handed in. */
export function auditRefusal<T>({ options, clock }: RegisterCore, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof RegisterError && REFUSALS.has(error.code)) {
      options.onEvent?.({ type: 'refused', at: clock.now(), code: error.code, reason: error.message });
    }
    throw error;
  }
}
