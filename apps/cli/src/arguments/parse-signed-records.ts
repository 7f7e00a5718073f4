import { checkTransaction, RegisterError } from '@sorcha/register';
import { CliError } from '../cli-error.ts';

/**
 * Divides a text into the record lines of signed transactions (docs/ledger-format.md): each ended by a line feed, which may follow
 * a carriage return (no record ends with one) and which the last may lack. The register judges the lines. `INVALID_INPUT` when there is none.
 */
export function parseSignedRecords(text: string, name: string): string[] {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const empty = lines.indexOf('');
  if (empty !== -1) {
    const advice = 'give one signed transaction per line: its signature, a space and its body';
    throw new CliError('INVALID_INPUT', `${name} has nothing in line ${empty + 1}; ${advice}.`);
  }
  return lines;
}

/** Finds, once the register has refused some records, the first that may not be sealed, and names its line. */
export function requireSigned(
  records: readonly (string | Uint8Array)[],
  { registerId, name }: { readonly registerId: string; readonly name: string },
): void {
  for (const [index, record] of records.entries()) {
    const { problem } = checkTransaction(record, registerId);
    if (problem !== undefined) {
      throw new RegisterError(problem.code, `Line ${index + 1} of ${name} is refused: ${problem.detail}.`);
    }
  }
}
