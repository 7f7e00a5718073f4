import { Command, Option } from 'commander';
import type { CommandContext } from './command-context.ts';
import { EXIT_MEANINGS, type ExitCode } from './exit-codes.ts';
import { formatFacts } from './output/facts.ts';
import type { Terminal } from './output/terminal.ts';

/** The options that every command takes. */
export interface GlobalOptions {
  readonly data: string;
  readonly register?: string;
  readonly json?: true;
}

/** Runs the code of one command with the global options it was given, and keeps its exit code. */
export type RunCommand = (
  globals: GlobalOptions,
  command: (context: CommandContext) => Promise<ExitCode>,
) => Promise<void>;

const HELP_COLUMNS = 80;

const EXIT_CODES = `
Exit codes:
${formatFacts(
  EXIT_MEANINGS.map(([code, meaning]) => [String(code), meaning]),
  HELP_COLUMNS,
).join('\n')}

Results go to stdout, everything else to stderr. NO_COLOR and, after it, FORCE_COLOR count.
Begin with: sorcha demo`;

/**
 * The whole command line: every command with its options. The code of a command is loaded only when that command runs,
 * so that --help and mistakes answer at once.
 */
export function createProgram(
  run: RunCommand,
  options: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly isJson: boolean;
    readonly terminal: Terminal;
  },
): Command {
  const { env, isJson, terminal } = options;
  const program = new Command('sorcha')
    .description('Write a signed ledger to durable storage, damage it, and see exactly what is still proven.')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      outputError: () => undefined,
      writeOut: (text) => terminal.data.write(text),
      // Only the help of a missing command goes to stderr, where programs expect one line of JSON.
      writeErr: (text) => (isJson ? undefined : terminal.notes.write(text)),
    })
    .version('0.1.0', '--version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .option('--data <folder>', 'the data folder (environment: SORCHA_DATA)', env.SORCHA_DATA || '.sorcha')
    .option('--register <id>', 'the register; default: the one the folder was created with, "main" for a new one')
    .option('--json', 'print the result, or the error, as one line of JSON')
    .addHelpText('after', EXIT_CODES);
  addWritingCommands(program, run);
  addReadingCommands(program, run);
  addDamageCommands(program, run);
  program
    .command('doctor')
    .description('check a storage configuration against reality: files, servers, rights')
    .option('--config <file>', 'the configuration, JSON with comments; SORCHA__STORAGE__... variables override it')
    .action(async (chosen: DoctorOptions, command: Command) =>
      run(command.optsWithGlobals(), async (context) =>
        (await import('./commands/doctor.ts')).runDoctor(context, { ...chosen, env }),
      ),
    );
  return program;
}

const algorithms = (usage: string) =>
  new Option('--algorithms <names>', `${usage}: mixed, or some of ed25519,p-256,rsa-4096`).default('mixed');
const collect = (value: string, previous: readonly string[] = []) => [...previous, value];

function addWritingCommands(program: Command, run: RunCommand): void {
  program
    .command('init')
    .description('create the data folder and an empty register')
    .action(async (_options: object, command: Command) =>
      run(command.optsWithGlobals(), async (context) => (await import('./commands/init.ts')).runInit(context)),
    );

  program
    .command('seed')
    .description('append dockets of signed transactions with real keys; creates the data folder when there is none')
    .option('--dockets <n>', 'how many dockets, 1 to 1,000,000', '100')
    .option('--transactions <m>', 'transactions per docket, 1 to 10,000', '10')
    .addOption(algorithms('signature algorithms'))
    .option('--seed-keys <n>', 'sender keys per algorithm, 1 to 100', '2')
    .action(async (options: SeedOptions, command: Command) =>
      run(command.optsWithGlobals(), async (context) => (await import('./commands/seed.ts')).runSeed(context, options)),
    );

  program
    .command('append')
    .description('sign a transaction, or take signed ones, and seal them in the next docket')
    .option('--payload <json>', 'a payload of the transaction; may be given several times', collect)
    .option('--metadata <json>', 'metadata of the transaction, a JSON object')
    .option('--from <file>', 'read transactions from a JSON array of { payloads, metadata?, recipients? }; - is stdin')
    .option('--signed <file>', 'seal transactions that were signed elsewhere, one record line each; - is stdin')
    .option('--algorithm <name>', 'the algorithm to sign with: ed25519 (default), p-256 or rsa-4096')
    .option('--count <n>', 'seal so many dockets, one after the other, each printed when it is durable', '1')
    .action(async (options: AppendOptions, command: Command) =>
      run(command.optsWithGlobals(), async (context) =>
        (await import('./commands/append.ts')).runAppend(context, options),
      ),
    );

  program
    .command('adopt')
    .description('sign the stored head when the anchored head was lost and everything stored verifies')
    .option('--really', 'yes, trust what is stored from now on')
    .action(async (options: ConfirmOptions, command: Command) =>
      run(command.optsWithGlobals(), async (context) =>
        (await import('./commands/adopt.ts')).runAdopt(context, options),
      ),
    );
}

function addReadingCommands(program: Command, run: RunCommand): void {
  program
    .command('verify')
    .description('prove the whole register, offline and without writing anything')
    .action(async (_options: object, command: Command) =>
      run(command.optsWithGlobals(), async (context) => (await import('./commands/verify.ts')).runVerify(context)),
    );

  program
    .command('status')
    .description('what is stored and anchored, without verifying the contents')
    .action(async (_options: object, command: Command) =>
      run(command.optsWithGlobals(), async (context) => (await import('./commands/status.ts')).runStatus(context)),
    );

  const show = program.command('show').description('print a docket or a transaction, once the register is verified');
  const raw = 'print the exact stored text and nothing else';
  show
    .command('docket <height>')
    .description('print a docket')
    .option('--raw', raw)
    .action(async (height: string, options: ShowOptions, command: Command) =>
      run(command.optsWithGlobals(), async (context) =>
        (await import('./commands/show.ts')).runShowDocket(context, height, options),
      ),
    );
  show
    .command('transaction <id>')
    .description('print a transaction')
    .option('--raw', raw)
    .action(async (id: string, options: ShowOptions, command: Command) =>
      run(command.optsWithGlobals(), async (context) =>
        (await import('./commands/show.ts')).runShowTransaction(context, id, options),
      ),
    );
}

function addDamageCommands(program: Command, run: RunCommand): void {
  program
    .command('tamper [damage]')
    .description('damage a copy of the data folder in a named way, to see it found')
    .option('--list', 'list the damages')
    .option('--height <h>', 'where; default: chosen by --random')
    .option('--random <n>', 'the seed of every random choice, 0 to 4294967295; default: a new one')
    .option('--copy <folder>', 'where the damaged copy goes; default: the data folder with "-tampered"')
    .option('--really', 'damage the data folder itself; there is no way back')
    .action(async (damage: string | undefined, options: TamperOptions, command: Command) =>
      run(command.optsWithGlobals(), async (context) =>
        (await import('./commands/tamper.ts')).runTamper(context, damage, options),
      ),
    );

  program
    .command('demo')
    .description('seed a register, damage it in every way one by one, and show what is found and what is still served')
    .option('--dockets <n>', 'how many dockets, 20 to 100,000', '1000')
    .option('--transactions <m>', 'transactions per docket, 2 to 1,000', '10')
    .option('--random <n>', 'the seed of every random choice, 0 to 4294967295; default: a new one')
    .option('--keep', 'keep the temporary folder')
    .action(async (options: DemoOptions, command: Command) =>
      run(command.optsWithGlobals(), async (context) => (await import('./commands/demo.ts')).runDemo(context, options)),
    );
}

/** The options of `seed`, as text. */
export interface SeedOptions {
  readonly dockets: string;
  readonly transactions: string;
  readonly algorithms: string;
  readonly seedKeys: string;
}

/** The options of `append`, as text. */
export interface AppendOptions {
  readonly payload?: readonly string[];
  readonly metadata?: string;
  readonly from?: string;
  readonly signed?: string;
  readonly algorithm?: string;
  readonly count: string;
}

/** The options of commands that change something for good. */
export interface ConfirmOptions {
  readonly really?: true;
}

/** The options of `show`. */
export interface ShowOptions {
  readonly raw?: true;
}

/** The options of `tamper`, as text. */
export interface TamperOptions extends ConfirmOptions {
  readonly list?: true;
  readonly height?: string;
  readonly random?: string;
  readonly copy?: string;
}

/** The options of `doctor`. */
export interface DoctorOptions {
  readonly config?: string;
}

/** The options of `demo`, as text. */
export interface DemoOptions {
  readonly dockets: string;
  readonly transactions: string;
  readonly random?: string;
  readonly keep?: true;
}
