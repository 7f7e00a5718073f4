/**
 * The closed set of reasons why a register refuses a call.
 *
 * - `INVALID`: an argument or a draft is malformed; the message names the field.
 * - `INVALID_KEY`: a key has the wrong length or form, or is weak (small order, non-canonical).
 * - `INVALID_SIGNATURE`: a signature does not verify, or its signer is not the sender.
 * - `LIMIT_EXCEEDED`: a size or count is above the limits of the ledger format.
 * - `DUPLICATE_TRANSACTION`: the transaction is already sealed in this register.
 * - `SEQUENCE_CONFLICT`: another writer sealed that height first.
 * - `CORRUPTED`: the asked docket or transaction exists, but its stored bytes are not proven.
 * - `DEGRADED`: the register has unproven heights, so nothing can be sealed on top of them.
 * - `INITIALIZING`: a progressive start has not come so far; try again later.
 * - `OFFLINE`: the register is closed.
 * - `ANCHOR_INVALID`: the anchored head cannot be read or is not signed by the trusted key.
 * - `ANCHOR_CONFLICT`: the anchored head moved meanwhile, or would move backwards.
 * - `OUTCOME_UNKNOWN`: the storage did not say whether the docket was written, and reading back failed as well.
 */
export type RegisterErrorCode =
  | 'INVALID'
  | 'INVALID_KEY'
  | 'INVALID_SIGNATURE'
  | 'LIMIT_EXCEEDED'
  | 'DUPLICATE_TRANSACTION'
  | 'SEQUENCE_CONFLICT'
  | 'CORRUPTED'
  | 'DEGRADED'
  | 'INITIALIZING'
  | 'OFFLINE'
  | 'ANCHOR_INVALID'
  | 'ANCHOR_CONFLICT'
  | 'OUTCOME_UNKNOWN';

/** An error with a stable `code`; the message says what is wrong and what to do. */
export class RegisterError extends Error {
  override readonly name = 'RegisterError';
  readonly code: RegisterErrorCode;

  constructor(code: RegisterErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
