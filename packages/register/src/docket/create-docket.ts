import { toCanonicalJson } from './canonical-json.ts';
import { DOCKET_RECORD_FORMAT, type Docket, toDocketHash } from './docket.ts';
import { LIMITS } from './limits.ts';
import { merkleRoot } from './merkle-tree.ts';
import { parseDocketRecord } from './parse-docket.ts';
import { requireParsed } from './parsed.ts';
import { RegisterError } from './register-error.ts';
import type { Transaction } from './transaction.ts';
import { toUtf8 } from './utf8.ts';

/** What is sealed into a docket, and where it stands. */
export interface DocketDraft {
  readonly registerId: string;
  /** From 0 without gaps. */
  readonly height: number;
  /** The hash of the docket below; `ZERO_HASH` at height 0. */
  readonly previousHash: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** One or more, in their final order. */
  readonly transactions: readonly Transaction[];
}

/**
 * Builds the record of a docket. Signatures are not verified here: whoever takes transactions from outside
 * checks each with `checkTransaction` first.
 *
 * @throws RegisterError `INVALID` for a malformed draft or a transaction of another register, `DUPLICATE_TRANSACTION` for
 * a transaction that is in it twice, `LIMIT_EXCEEDED` above the limits of the format.
 */
export function createDocket(draft: DocketDraft): Docket {
  const { registerId, height, previousHash, timestamp, transactions } = draft;
  requireFit(draft);
  const root = Buffer.from(merkleRoot(transactions.map((transaction) => transaction.record)));
  const header = toCanonicalJson({
    registerId,
    height,
    previousHash,
    timestamp,
    transactionCount: transactions.length,
    transactionsRoot: root.toString('hex'),
  });
  const head = toUtf8(`${DOCKET_RECORD_FORMAT}\n${toDocketHash(toUtf8(header))}\n${header}\n`);
  const lineFeed = toUtf8('\n');
  const record = Buffer.concat([head, ...transactions.flatMap((transaction) => [transaction.record, lineFeed])]);
  // The reader's own checks: nothing is ever written that no reader accepts.
  return requireParsed<Docket>(parseDocketRecord(record));
}

function requireFit({ registerId, transactions }: DocketDraft): void {
  const ids = new Set<string>();
  let bytes = 0;
  for (const { id, body, record } of transactions) {
    if (body.registerId !== registerId) {
      throw new RegisterError('INVALID', `transaction ${id} belongs to another register; seal it there`);
    }
    if (ids.has(id)) throw new RegisterError('DUPLICATE_TRANSACTION', `transaction ${id} is in the docket twice`);
    ids.add(id);
    bytes += record.length + 1;
  }
  if (bytes > LIMITS.docketBytes || transactions.length > LIMITS.transactionsPerDocket) {
    throw new RegisterError('LIMIT_EXCEEDED', 'the transactions do not fit into one docket; seal fewer at a time');
  }
}
