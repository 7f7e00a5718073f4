import { checkTransaction } from '../docket/check-transaction.ts';
import type { Docket } from '../docket/docket.ts';
import { parseDocketRecord } from '../docket/parse-docket.ts';
import { requireParsed } from '../docket/parsed.ts';
import { RegisterError } from '../docket/register-error.ts';
import type { Transaction } from '../docket/transaction.ts';
import { checkDocket } from '../verification/check-docket.ts';
import type { RegisterCore } from './register-core.ts';
import type { DocketFacts } from './verified-facts.ts';

/** A docket that may be appended. */
export interface CheckedDocket extends DocketFacts {
  /** The record as text; UTF-8 brings its bytes back. */
  readonly text: string;
}

/** Checks signed transactions for the next docket. The first that may not be sealed is the error. */
export function checkTransactions(core: RegisterCore, records: readonly (string | Uint8Array)[]): Transaction[] {
  const { registerId } = core.options;
  return records.map((record, index) => {
    const { value, problem } = checkTransaction(record, registerId);
    if (problem !== undefined) {
      throw new RegisterError(problem.code, `Transaction ${index} is refused: ${problem.detail}.`);
    }
    requireNew(core, [value.id]);
    return value;
  });
}

/** Checks finished dockets that are to continue the register, in order. Nothing is changed. */
export function checkDockets(core: RegisterCore, records: readonly Uint8Array[]): CheckedDocket[] {
  let previousHash = core.facts.headHash;
  const seen = new Set<string>();
  return records.map((record, index) => {
    const height = core.facts.size + index;
    const { header, hash } = requireParsed<Docket>(parseDocketRecord(record));
    if (header.height !== height) {
      throw new RegisterError(
        'SEQUENCE_CONFLICT',
        `The register continues at height ${height}, not at ${header.height}; seal the transactions again.`,
      );
    }
    const check = checkDocket(record, { registerId: core.options.registerId, height });
    if (check.damage !== undefined) {
      throw new RegisterError('INVALID', `Docket ${height} is refused: ${check.damage.detail}.`);
    }
    if (check.badSignature !== undefined) {
      const { detail, transactionId } = check.badSignature;
      throw new RegisterError('INVALID_SIGNATURE', `Transaction ${transactionId} is refused: ${detail}.`);
    }
    if (header.previousHash !== previousHash) {
      throw new RegisterError(
        'SEQUENCE_CONFLICT',
        `Docket ${height} continues ${header.previousHash}, not ${previousHash}; seal the transactions again.`,
      );
    }
    requireNew(core, check.transactionIds, seen);
    previousHash = hash;
    const text = Buffer.from(record).toString('utf8');
    return { hash, digest: check.recordDigest, transactionIds: check.transactionIds, text };
  });
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

const REFUSALS: ReadonlySet<string> = new Set(['INVALID', 'INVALID_KEY', 'INVALID_SIGNATURE', 'LIMIT_EXCEEDED']);

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
