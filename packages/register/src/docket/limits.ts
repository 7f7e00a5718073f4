/**
 * The limits of ledger format v1, enforced when something is created and again when it is read: a record
 * that breaks one is refused before it can cost memory or time.
 */
export const LIMITS = Object.freeze({
  /** Transactions in one docket; at least one. */
  transactionsPerDocket: 10_000,
  /** Bytes of one transaction record: signature, space and body. */
  transactionBytes: 1024 * 1024,
  /** Bytes of one docket record, with every line end. */
  docketBytes: 8 * 1024 * 1024,
  /** Objects and arrays inside each other, the outermost included. */
  jsonDepth: 64,
  /** Recipients of one transaction. */
  recipients: 100,
  /** Payloads of one transaction. */
  payloads: 100,
});
