import { CliError } from '../cli-error.ts';

/**
 * Divides a text into the record lines of signed transactions (docs/ledger-format.md): each ended by one line feed, which the last may
 * lack. The register judges the lines. `INVALID_INPUT` when there is none.
 */
export function parseSignedRecords(text: string, name: string): string[] {
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  const empty = lines.indexOf('');
  if (empty !== -1) {
    const advice = 'give one signed transaction per line: its signature, a space and its body';
    throw new CliError('INVALID_INPUT', `${name} has nothing in line ${empty + 1}; ${advice}.`);
  }
  return lines;
}
