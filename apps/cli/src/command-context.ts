import type { Clock } from '@sorcha/storage';
import type { Terminal } from './output/terminal.ts';
import { escapeUnprintable } from './output/to-printable.ts';

/** What every command is given beside its own options. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
  /** The data folder, absolute. */
  readonly folder: string;
  /** The register that the user named; `undefined` for the one that the folder was created with. */
  readonly registerId: string | undefined;
  /** Whether the result is to be one JSON object per line instead of text. */
  readonly isJson: boolean;
}

/** Writes a result: as one line of JSON with its schema, or as the lines made for a person. */
export function writeResult(
  context: CommandContext,
  result: { readonly schema: string },
  toLines: () => readonly string[],
): void {
  const { terminal, isJson } = context;
  const lines = isJson ? [escapeUnprintable(JSON.stringify(result))] : toLines();
  terminal.data.write(lines.map((line) => `${line}\n`).join(''));
}

/** Tells a person something at the side. With `--json` nothing is written: there the result says it. */
export function writeNote({ terminal, isJson }: CommandContext, text: string): void {
  if (!isJson) {
    terminal.notes.line(`${terminal.notes.style('yellow', 'Note:')} ${text}`);
  }
}
