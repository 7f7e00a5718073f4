import { join } from 'node:path';
import { CliError } from '../cli-error.ts';
import { type CommandContext, writeResult } from '../command-context.ts';
import { isLostFile } from '../data-folder/find-losses.ts';
import { readDataFolder } from '../data-folder/open-data-folder.ts';
import { placeFolder } from '../data-folder/place-file.ts';
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
  const opened = await openWritableRegister(context, { mayBeNew: false });
  const { register, losses } = opened;
  const { coldFile, anchors } = opened.data.layout;
  try {
    const isUnanchored = register.state !== 'Healthy';
    const isAdopting = isUnanchored || losses.length > 0;
    if (isLostFile(coldFile) || register.report.ranges.length > 0) {
      requireAppendable(opened);
    }
    if (isUnanchored) {
      await register.adoptHead();
    } else if (isAdopting) {
      placeFolder(join(anchors, register.registerId));
    }
    const { registerId, size, headHash } = register;
    const adoption = isAdopting ? 'adopted' : 'unneeded';
    const result = { schema: 'sorcha.adopt/v1', register: registerId, adoption, size, headHash };
    writeResult(context, result, () => {
      if (!isAdopting) {
        return [
          `Register "${registerId}" does not need it: nothing is wrong with its anchored head. Nothing was changed.`,
        ];
      }
      return size === 0
        ? [`Register "${registerId}" counts as empty: the folder of its anchored heads was made anew.`]
        : [`Signed a new head of register "${registerId}" over ${formatAmount(size, 'docket')}:`, `  ${headHash}`];
    });
    return EXIT.ok;
  } finally {
    await opened.close();
  }
}
