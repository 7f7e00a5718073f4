import { parseAlgorithms } from '../arguments/parse-algorithms.ts';
import { parseWholeNumber } from '../arguments/parse-whole-number.ts';
import { CliError } from '../cli-error.ts';
import { type CommandContext, writeResult } from '../command-context.ts';
import { createDataFolder, DEFAULT_REGISTER } from '../data-folder/create-data-folder.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatFacts } from '../output/facts.ts';
import { formatAmount, formatCount, formatDuration, formatHeights, formatRate } from '../output/format-number.ts';
import { startProgressLine } from '../output/progress-line.ts';
import type { SeedOptions } from '../program.ts';
import { makeAppendable, openWritableRegister } from '../register/open-writable-register.ts';
import { chooseSigners } from '../seeding/choose-signers.ts';
import { seedRegister } from '../seeding/seed-register.ts';

/** `sorcha seed`: seals dockets of made-up transactions, signed with keys of the wallet. */
export async function runSeed(context: CommandContext, options: SeedOptions): Promise<ExitCode> {
  const dockets = parseWholeNumber(options.dockets, { name: '--dockets', min: 1, max: 1_000_000 });
  const transactions = parseWholeNumber(options.transactions, { name: '--transactions', min: 1, max: 10_000 });
  const algorithms = parseAlgorithms(options.algorithms);
  const seedKeys = parseWholeNumber(options.seedKeys, { name: '--seed-keys', min: 1, max: 100 });
  const { folder, clock, signal, terminal, isJson } = context;
  const creation = await createDataFolder(folder, { register: context.registerId ?? DEFAULT_REGISTER, clock });
  const opened = await openWritableRegister(context, { mayBeNew: true });
  const { data, register } = opened;
  try {
    await makeAppendable(opened);
    const signers = await chooseSigners(data.layout.wallet, algorithms, seedKeys);
    const startedAt = performance.now();
    const progress = startProgressLine({ terminal, clock, isJson, label: 'Sealing', unit: 'dockets', total: dockets });
    const plan = { dockets, transactions, signers, clock, signal, onSealed: progress.update };
    const sealed = await seedRegister(register, plan).finally(() => progress.end());
    const [first, last] = [sealed[0], sealed.at(-1)];
    if (sealed.length < dockets || first === undefined || last === undefined) {
      const done = `${formatCount(sealed.length)} of ${formatAmount(dockets, 'docket')}`;
      throw new CliError('INTERRUPTED', `Interrupted; ${done} are sealed and durable.`);
    }
    const result = {
      schema: 'sorcha.seed/v1',
      folder,
      register: register.registerId,
      isNewFolder: creation !== 'existing',
      dockets,
      transactions: dockets * transactions,
      firstHeight: first.height,
      lastHeight: last.height,
      headHash: last.hash,
      durationMs: performance.now() - startedAt,
    };
    writeResult(context, result, () => describeSeed(result, terminal.data.columns));
    return EXIT.ok;
  } finally {
    await opened.close();
  }
}

interface SeedResult {
  readonly folder: string;
  readonly register: string;
  readonly isNewFolder: boolean;
  readonly dockets: number;
  readonly transactions: number;
  readonly firstHeight: number;
  readonly lastHeight: number;
  readonly headHash: string;
  readonly durationMs: number;
}

function describeSeed(result: SeedResult, width: number): string[] {
  const { folder, register, dockets, transactions, firstHeight, lastHeight, durationMs } = result;
  const isMixed = lastHeight - firstHeight + 1 > dockets;
  const heights = `${firstHeight === lastHeight ? 'height' : 'heights'} ${formatHeights(firstHeight, lastHeight)}`;
  const rate = formatRate((dockets * 1_000) / durationMs, 'dockets');
  return [
    `Sealed ${formatAmount(dockets, 'docket')} with ${formatAmount(transactions, 'signed transaction')}.`,
    '',
    ...formatFacts(
      [
        ['folder', `${folder}${result.isNewFolder ? ' (new)' : ''}`],
        ['register', `${register}, ${heights}${isMixed ? ', those of other writers among them' : ''}`],
        ['head', result.headHash],
        ['time', `${formatDuration(durationMs)}, ${rate}`],
      ],
      width,
    ),
  ];
}
