import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { isRegisterId } from '@sorcha/register';
import { systemClock } from '@sorcha/storage';
import { type Command, CommanderError } from 'commander';
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
  const program = createProgram(run, { env, isJson, terminal });
  try {
    await parse(program, args);
    await flush(terminal);
    return exitCode;
  } catch (error) {
    if (signal.aborted && signal.reason === READER_GONE) {
      return EXIT.ok;
    }
    const shown = toShownError(refine(error, { signal, usage: describeUsage(program, args) }));
    writeError(terminal, shown, isJson);
    if (env.SORCHA_DEBUG === '1') {
      terminal.notes.line(error instanceof Error ? inspect(error) : '');
    }
    return shown.exitCode;
  }
}

/** Runs the command; to show help or the version is to have run. */
async function parse(program: Command, args: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError && error.exitCode === 0)) {
      throw error;
    }
  }
}

/** Waits for what was written. The stream tells its own error only after it has failed the write. */
async function flush({ data }: Terminal): Promise<void> {
  try {
    await data.flush();
  } catch (error) {
    await setImmediate();
    throw error;
  }
}

/** What is to be said of arguments that name no whole command. */
interface Usage {
  /** What lacks. */
  readonly problem: string;
  /** The command line that explains the command which the arguments name, as far as they name one. */
  readonly help: string;
}

function describeUsage(program: Command, args: readonly string[]): Usage {
  let command = program;
  const names = ['sorcha'];
  for (const arg of args) {
    const next = command.commands.find((each) => each.name() === arg);
    if (next !== undefined) {
      command = next;
      names.push(arg);
    }
  }
  const asked = args.includes('help') ? args.at(args.indexOf('help') + 1) : undefined;
  const problem = asked === undefined ? 'A command is missing' : `There is no command ${JSON.stringify(asked)}`;
  return { problem, help: `"${[...names, '--help'].join(' ')}"` };
}

/** Names the reason that the thrown error itself does not show. */
function refine(error: unknown, { signal, usage }: { readonly signal: AbortSignal; readonly usage: Usage }): unknown {
  if (signal.reason instanceof CliError) {
    return signal.reason;
  }
  if (error instanceof CliError && error.code === 'INTERRUPTED') {
    return error;
  }
  if (signal.aborted) {
    return new CliError('INTERRUPTED', 'Interrupted before it was done.', { cause: error });
  }
  if (error instanceof CommanderError && error.code === 'commander.help') {
    return new CliError('USAGE', `${usage.problem}. Begin with "sorcha demo", or see ${usage.help}.`);
  }
  if (error instanceof CommanderError) {
    const text = error.message
      .replace(/^error: /, '')
      .replace(/\n/g, ' ')
      .replace(/\.$/, '');
    return new CliError('USAGE', `${text.charAt(0).toUpperCase()}${text.slice(1)}. See ${usage.help}.`, {
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
