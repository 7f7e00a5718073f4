import { CliError } from '../cli-error.ts';
import { type CommandContext, writeResult } from '../command-context.ts';
import { readDataFolder } from '../data-folder/open-data-folder.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatAmount } from '../output/format-number.ts';
import type { ConfirmOptions } from '../program.ts';
import { openWritableRegister, requireAppendable } from '../register/open-writable-register.ts';

const EXPLANATION =
  'adopt signs a new head over what is stored now, for a register that lost its anchored head. From then on that counts as ' +
  'what was sealed: dockets that were removed or replaced before would never be noticed. If you have a backup of anchors/, restore that instead. ' +
  'If you trust what is stored, run it again with --really.';

/** `sorcha adopt`: signs the stored head of a register whose anchored head was lost, if all that is stored verifies. */
export async function runAdopt(context: CommandContext, options: ConfirmOptions): Promise<ExitCode> {
  if (options.really !== true) {
    readDataFolder(context.folder);
    throw new CliError('NOT_CONFIRMED', EXPLANATION);
  }
  const { register, close } = await openWritableRegister(context, { mayBeNew: false });
  try {
    const isAdopting = register.state !== 'Healthy';
    if (isAdopting && register.report.ranges.length > 0) {
      requireAppendable(register);
    }
    if (isAdopting) {
      await register.adoptHead();
    }
    const { registerId, size, headHash } = register;
    const adoption = isAdopting ? 'adopted' : 'unneeded';
    const result = { schema: 'sorcha.adopt/v1', register: registerId, adoption, size, headHash };
    writeResult(context, result, () =>
      isAdopting
        ? [`Signed a new head of register "${registerId}" over ${formatAmount(size, 'docket')}:`, `  ${headHash}`]
        : [`Register "${registerId}" does not need it: nothing is wrong with its anchored head. Nothing was changed.`],
    );
    return EXIT.ok;
  } finally {
    await close();
  }
}
