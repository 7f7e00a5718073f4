import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyPool, DAMAGES } from '@sorcha/register/testing';
import { parseAlgorithms } from '../arguments/parse-algorithms.ts';
import { parseRandomSeed } from '../arguments/parse-random-seed.ts';
import { parseWholeNumber } from '../arguments/parse-whole-number.ts';
import { CliError } from '../cli-error.ts';
import { type CommandContext, writeNote, writeResult } from '../command-context.ts';
import { createDataFolder, DEFAULT_REGISTER } from '../data-folder/create-data-folder.ts';
import type { DamageOutcome } from '../demo/damage-outcome.ts';
import { describeIntact, describeOutcome, describeSummary } from '../demo/describe-demo.ts';
import { type DemoPlaces, runDamage } from '../demo/run-damage.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatAmount, formatCount, formatDuration } from '../output/format-number.ts';
import { startProgressLine } from '../output/progress-line.ts';
import { wrapText } from '../output/wrap-text.ts';
import type { DemoOptions } from '../program.ts';
import { makeAppendable, openWritableRegister } from '../register/open-writable-register.ts';
import { chooseSigners } from '../seeding/choose-signers.ts';
import { seedRegister } from '../seeding/seed-register.ts';
import { withVerifiedRegister } from '../verification/with-verified-register.ts';

/** Keys per algorithm: enough that none is special. */
const SEED_KEYS = 2;

/** How much the demonstration does. */
interface DemoPlan {
  readonly dockets: number;
  readonly transactions: number;
  readonly random: number;
}

/** `sorcha demo`: seeds a register, damages a copy of it in every known way, and shows what is found and still served. */
export async function runDemo(context: CommandContext, options: DemoOptions): Promise<ExitCode> {
  const plan: DemoPlan = {
    dockets: parseWholeNumber(options.dockets, { name: '--dockets', min: 20, max: 100_000 }),
    transactions: parseWholeNumber(options.transactions, { name: '--transactions', min: 2, max: 1_000 }),
    random: parseRandomSeed(options.random),
  };
  const root = createRoot();
  try {
    return await demonstrate(context, root, plan);
  } finally {
    if (options.keep === true) {
      writeNote(context, `kept: ${root} holds the register in "intact" and its last damaged copy in "damaged".`);
    } else {
      rmSync(root, { recursive: true, force: true });
    }
  }
}

function createRoot(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'sorcha-demo-'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const advice = 'set TMPDIR to a folder that can be written';
    throw new CliError('FOLDER_UNWRITABLE', `There is no place for the demonstration (${reason}); ${advice}.`, {
      cause,
    });
  }
}

async function demonstrate(context: CommandContext, root: string, plan: DemoPlan): Promise<ExitCode> {
  const startedAt = performance.now();
  const { data } = context.terminal;
  const intact = { ...context, folder: join(root, 'intact'), registerId: DEFAULT_REGISTER };
  const tell = (...lines: readonly string[]) => {
    if (!context.isJson) {
      data.write(lines.map((line) => `${line}\n`).join(''));
    }
  };
  const heading = (text: string) => wrapText(text, data.columns).map((line) => data.style('bold', line));

  const { dockets, transactions, random } = plan;
  const amount = `${formatAmount(dockets, 'docket')} of ${formatCount(transactions)} transactions`;
  tell(...heading(`1. Seal ${amount}, signed with Ed25519, P-256 and RSA-4096 keys`));
  const sealing = await seed(intact, plan);
  tell(`  ${formatDuration(sealing)}, in ${root}`, '');

  tell(...heading('2. Verify all of it'));
  const { result, hashes } = await withVerifiedRegister(intact, { isRateMeasured: true }, (found) => found);
  tell(...describeIntact(result, data), '');

  tell(
    ...heading(
      `3. Damage a fresh copy in ${DAMAGES.length} ways, and verify each copy from its bytes (--random ${random})`,
    ),
  );
  const places: DemoPlaces = {
    intact: intact.folder,
    damaged: join(root, 'damaged'),
    registerId: DEFAULT_REGISTER,
    originals: hashes,
    forgers: createKeyPool(1),
  };
  const outcomes: DamageOutcome[] = [];
  for (const [index, damage] of DAMAGES.entries()) {
    context.signal.throwIfAborted();
    const outcome = await runDamage(context, places, { damage, random: (random + index) % 2 ** 32 });
    outcomes.push(outcome);
    tell(...describeOutcome(outcome, `${index + 1}/${DAMAGES.length}`, data));
  }

  const isAsExpected = result.isProven && outcomes.every((outcome) => outcome.isAsExpected);
  const durationMs = performance.now() - startedAt;
  const summary = { schema: 'sorcha.demo/v1', ...plan, isAsExpected, intact: result, outcomes, durationMs };
  writeResult(context, summary, () => [
    ...describeSummary(outcomes, data),
    `The demonstration took ${formatDuration(durationMs)}.`,
  ]);
  return isAsExpected ? EXIT.ok : EXIT.failure;
}

/** Seals the dockets and returns how long it took, in milliseconds. */
async function seed(context: CommandContext, { dockets, transactions }: DemoPlan): Promise<number> {
  const { clock, signal, terminal, isJson } = context;
  const startedAt = performance.now();
  await createDataFolder(context.folder, { register: DEFAULT_REGISTER, clock });
  const opened = await openWritableRegister(context, { mayBeNew: false });
  const { data, register, close } = opened;
  try {
    const signers = await chooseSigners(data.layout.wallet, parseAlgorithms('mixed'), SEED_KEYS);
    const progress = startProgressLine({ terminal, clock, isJson, label: 'Sealing', unit: 'dockets', total: dockets });
    const plan = { dockets, transactions, signers, clock, signal, onSealed: progress.update };
    await makeAppendable(opened);
    await seedRegister(register, plan).finally(() => progress.end());
    signal.throwIfAborted();
  } finally {
    await close();
  }
  return performance.now() - startedAt;
}
