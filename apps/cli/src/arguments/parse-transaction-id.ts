import { CliError } from '../cli-error.ts';

const ID = /^[0-9a-f]{64}$/;

/** Checks the id of a transaction: 64 lower-case hex digits. `USAGE` otherwise. */
export function parseTransactionId(text: string): string {
  if (!ID.test(text)) {
    const hint = ID.test(text.toLowerCase()) ? ' in lower case' : '';
    throw new CliError('USAGE', `${JSON.stringify(text)} is not a transaction id; it must be 64 hex digits${hint}.`);
  }
  return text;
}
