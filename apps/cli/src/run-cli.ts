import { resolve } from 'node:path';
import { isRegisterId } from '@sorcha/register';
import { systemClock } from '@sorcha/storage';
import { CommanderError } from 'commander';
import { CliError, type ShownError, toShownError } from './cli-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Terminal } from './output/terminal.ts';
import { escapeUnprintable, toPrintable } from './output/to-printable.ts';
import { wrapText } from './output/wrap-text.ts';
import { createProgram, type RunCommand } from './program.ts';

/** The reason of the signal when nobody reads the results any more. */
export const READER_GONE = 'reader gone';

/** Runs one command line and returns its exit code. Never throws; errors are written to the terminal's notes. */
export async function runCli(options: {
  /** The arguments after the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  /** Fires on Ctrl-C, and with `READER_GONE`. */
  readonly signal: AbortSignal;
}): Promise<ExitCode> {
  const { args, env, terminal, signal } = options;
  const isJson = args.includes('--json');
  let exitCode: ExitCode = EXIT.ok;
  const run: RunCommand = async (globals, command) => {
    exitCode = await command({
      terminal,
      clock: systemClock,
      signal,
      folder: checkFolder(globals.data),
      registerId: globals.register === undefined ? undefined : checkRegisterId(globals.register),
      isJson: globals.json === true,
    });
  };
  try {
    await createProgram(run, { env, isJson }).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    const isHelp = error instanceof CommanderError && error.exitCode === 0;
    if (isHelp || (signal.aborted && signal.reason === READER_GONE)) {
      return EXIT.ok;
    }
    const shown = toShownError(refine(error, signal));
    // A person has the help of the missing command already.
    if (isJson || !(error instanceof CommanderError && error.code === 'commander.help')) {
      writeError(terminal, shown, isJson);
    }
    if (env.SORCHA_DEBUG === '1') {
      terminal.notes.line(error instanceof Error ? (error.stack ?? '') : '');
    }
    return shown.exitCode;
  }
}

/** Names the reason that the thrown error itself does not show. */
function refine(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof CliError && error.code === 'INTERRUPTED') {
    return error;
  }
  if (signal.aborted) {
    return new CliError('INTERRUPTED', 'Interrupted before it was done.', { cause: error });
  }
  if (error instanceof CommanderError && error.code === 'commander.help') {
    return new CliError('USAGE', 'A command is missing. Begin with "sorcha demo", or see "sorcha --help".');
  }
  if (error instanceof CommanderError) {
    const text = error.message
      .replace(/^error: /, '')
      .replace(/\n/g, ' ')
      .replace(/\.$/, '');
    return new CliError('USAGE', `${text.charAt(0).toUpperCase()}${text.slice(1)}. See "sorcha --help".`, {
      cause: error,
    });
  }
  return error;
}

function writeError(terminal: Terminal, error: ShownError, isJson: boolean): void {
  const { notes } = terminal;
  const { code, message } = error;
  if (isJson) {
    notes.line(escapeUnprintable(JSON.stringify({ schema: 'sorcha.error/v1', code, message })));
    return;
  }
  const title = `error ${code}:`;
  const [first = '', ...rest] = wrapText(`${title} ${toPrintable(message)}`, notes.columns);
  notes.line([notes.style(['red', 'bold'], title) + first.slice(title.length), ...rest].join('\n'));
}

function checkFolder(folder: string): string {
  if (folder.trim() === '' || folder.includes('\0')) {
    throw new CliError('USAGE', '--data is empty; name a folder.');
  }
  return resolve(folder);
}

function checkRegisterId(id: string): string {
  if (!isRegisterId(id)) {
    throw new CliError(
      'USAGE',
      `--register is ${JSON.stringify(id)}; a register id is 1 to 63 characters of a-z, 0-9 and "-", starting and ending with a letter or digit.`,
    );
  }
  return id;
}
