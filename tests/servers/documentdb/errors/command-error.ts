import { ERROR_NAMES } from './error-names.ts';

/** An error as MongoDB answers it. */
export interface CommandErrorOptions extends ErrorOptions {
  /** What drivers act on: `TransientTransactionError`, `RetryableWriteError`, … */
  readonly labels?: readonly string[];
  /** Further fields of the answer: `keyPattern`, `errInfo`, … */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A command failed; becomes the answer `{ ok: 0, code, codeName, errmsg, errorLabels, … }`. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: number;
  readonly labels: readonly string[];
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: number, message: string, options: CommandErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.labels = options.labels ?? [];
    this.details = options.details ?? {};
  }

  /** The same error with one more label. */
  withLabel(label: string): CommandError {
    const labels = [...new Set([...this.labels, label])];
    return new CommandError(this.code, this.message, { cause: this, labels, details: this.details });
  }

  toReply(): Record<string, unknown> {
    return {
      ok: 0,
      errmsg: this.message,
      code: this.code,
      codeName: ERROR_NAMES.get(this.code) ?? `Location${this.code}`,
      ...this.details,
      ...(this.labels.length === 0 ? {} : { errorLabels: this.labels }),
    };
  }
}
