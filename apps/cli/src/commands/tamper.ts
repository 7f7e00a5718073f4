import { RegisterError } from '@sorcha/register';
import { DAMAGES, type ExpectedDamage } from '@sorcha/register/testing';
import { parseRandomSeed } from '../arguments/parse-random-seed.ts';
import { parseHeight } from '../arguments/parse-whole-number.ts';
import { CliError } from '../cli-error.ts';
import { type CommandContext, writeResult } from '../command-context.ts';
import { checkCopyTarget, copyDataFolder } from '../damage/copy-data-folder.ts';
import { carryOutDamage, planDamage } from '../damage/damage-register.ts';
import { describeExpected } from '../damage/describe-findings.ts';
import { findDamage } from '../damage/find-damage.ts';
import { toFolderLayout } from '../data-folder/folder-layout.ts';
import { readDataFolder } from '../data-folder/open-data-folder.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatFacts } from '../output/facts.ts';
import { formatTable } from '../output/table.ts';
import type { TamperOptions } from '../program.ts';
import type { VerifyResult } from '../verification/verify-result.ts';
import { withVerifiedRegister } from '../verification/with-verified-register.ts';

/** `sorcha tamper`: damages the records of a register, in a copy of the data folder unless `--really` says otherwise. */
export async function runTamper(
  context: CommandContext,
  name: string | undefined,
  options: TamperOptions,
): Promise<ExitCode> {
  if (options.list === true) {
    return listDamages(context);
  }
  const { damage, random, height } = parseTamper(name, options);
  const { folder, terminal } = context;
  readDataFolder(folder);
  const isInPlace = options.really === true;
  const target = isInPlace ? toFolderLayout(folder) : checkCopyTarget(folder, options.copy ?? `${folder}-tampered`);
  await withVerifiedRegister(context, {}, ({ result }) => requireIntact(result));
  const plan = await planDamage(folder, { damage, registerId: context.registerId, random, height });
  if (!isInPlace) {
    await copyDataFolder(folder, target, `${plan.action} (${damage.name}).`);
  }
  await carryOutDamage(target.coldFile, plan);
  const result: TamperResult = {
    schema: 'sorcha.tamper/v1',
    folder: target.folder,
    isCopy: !isInPlace,
    register: plan.registerId,
    damage: damage.name,
    random,
    action: plan.action,
    expected: plan.expected,
  };
  writeResult(context, result, () => describeTamper(result, damage.description, terminal.data.columns));
  return EXIT.ok;
}

/** Damage on top of other damage could not be told apart. */
function requireIntact({ register, verdict }: VerifyResult): void {
  if (verdict === 'unproven') {
    throw new RegisterError(
      'CORRUPTED',
      `Register "${register}" is damaged already; see "sorcha verify", and tamper with a register that is intact.`,
    );
  }
}

function parseTamper(name: string | undefined, options: TamperOptions) {
  if (name === undefined) {
    throw new CliError('USAGE', 'Name a damage; "sorcha tamper --list" lists them.');
  }
  if (options.really === true && options.copy !== undefined) {
    throw new CliError('USAGE', '--really damages the data folder itself, so --copy makes no sense with it.');
  }
  if (options.copy?.trim() === '') {
    throw new CliError('USAGE', '--copy is empty; name a folder.');
  }
  return {
    damage: findDamage(name),
    height: options.height === undefined ? undefined : parseHeight(options.height, '--height'),
    random: parseRandomSeed(options.random),
  };
}

function listDamages(context: CommandContext): ExitCode {
  const damages = DAMAGES.map(({ name, description }) => ({ name, description }));
  const { data } = context.terminal;
  const result = { schema: 'sorcha.damages/v1', damages };
  writeResult(context, result, () =>
    formatTable({
      columns: [{ title: 'Damage' }, { title: 'What it stands for' }],
      rows: damages.map(({ name, description }) => [name, description]),
      width: data.columns,
      paint: (text, { row }) => (row === 'title' ? data.style('bold', text) : text),
    }),
  );
  return EXIT.ok;
}

interface TamperResult {
  readonly schema: 'sorcha.tamper/v1';
  readonly folder: string;
  readonly isCopy: boolean;
  readonly register: string;
  readonly damage: string;
  readonly random: number;
  readonly action: string;
  readonly expected: readonly ExpectedDamage[];
}

function describeTamper(result: TamperResult, description: string, width: number): string[] {
  const { folder, isCopy, action, damage, random, expected } = result;
  return [
    `${action}.`,
    '',
    ...formatFacts(
      [
        ['damage', `${damage}: ${description}`],
        ['in', isCopy ? `${folder}, a copy` : folder],
        ['random', `${random}; --random repeats this choice`],
        ['to be found', describeExpected(expected)],
      ],
      width,
    ),
    '',
    `See it found: sorcha verify --data ${quoteForShell(folder)}`,
  ];
}

/** The path as it can be pasted into a shell. */
function quoteForShell(path: string): string {
  return /^[\w./:@%+=,-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
