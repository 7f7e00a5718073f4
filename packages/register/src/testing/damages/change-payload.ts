import { toCanonicalJson } from '../../docket/canonical-json.ts';
import { parseTransactionRecord } from '../../docket/parse-transaction.ts';
import { requireParsed } from '../../docket/parsed.ts';
import { RegisterError } from '../../docket/register-error.ts';
import type { Transaction } from '../../docket/transaction.ts';
import { toUtf8 } from '../../docket/utf8.ts';

/** A transaction with another payload under its old signature. */
export function changePayload(transaction: Transaction | undefined): Transaction {
  if (transaction === undefined) throw new RegisterError('INVALID', 'The docket has no such transaction.');
  const { body, signature } = transaction;
  const forged = { ...body, payloads: [{ amount: 1_000_000, replaced: body.payloads.length }] };
  return requireParsed(parseTransactionRecord(toUtf8(`${signature} ${toCanonicalJson(forged)}`)));
}
