import { openVerifiedRegister, RegisterError, type VerifiedRegister } from '@sorcha/register';
import { type CommandContext, writeNote } from '../command-context.ts';
import { chooseRegister, type DataFolder, openDataFolder, readNodeIdentity } from '../data-folder/open-data-folder.ts';
import { formatAmount, formatCount } from '../output/format-number.ts';
import { createVerificationProgress } from '../verification/create-verification-progress.ts';

/** A verified register of a data folder, open for writing. */
export interface WritableRegister {
  readonly data: DataFolder;
  readonly register: VerifiedRegister;
  readonly close: () => Promise<void>;
}

/**
 * Opens the data folder for writing and verifies the register with a progress line.
 *
 * @param options.mayBeNew whether a register that the folder does not have is started; otherwise `UNKNOWN_REGISTER`.
 */
export async function openWritableRegister(
  context: CommandContext,
  options: { readonly mayBeNew: boolean },
): Promise<WritableRegister> {
  const { folder, clock, signal } = context;
  const data = await openDataFolder(folder, { isReadOnly: false, clock });
  const progress = createVerificationProgress(context);
  try {
    const isNewWanted = options.mayBeNew && context.registerId !== undefined;
    const registerId = isNewWanted ? context.registerId : await chooseRegister(data, context.registerId);
    const register = await openVerifiedRegister({
      registerId,
      cold: data.cold,
      anchors: data.anchors,
      node: readNodeIdentity(data.layout, data.node),
      clock,
      signal,
      batchDockets: 1,
      onProgress: progress.update,
    });
    for (const warning of register.report.anchor === 'extended' ? register.report.warnings : []) {
      writeNote(context, warning);
    }
    return {
      data,
      register,
      close: async () => {
        await register.close();
        await data.close();
      },
    };
  } catch (error) {
    await data.close();
    throw error;
  } finally {
    progress.end();
  }
}

/** `DEGRADED`, in the words of the command line, unless dockets can be appended. */
export function requireAppendable({ registerId, state, report }: VerifiedRegister): void {
  if (state === 'Healthy') {
    return;
  }
  const { verifiedDockets, totalDockets, ranges } = report;
  const reason =
    ranges.length === 0
      ? 'its anchored head is missing; "sorcha adopt" explains what to do'
      : `${formatCount(totalDockets - verifiedDockets)} of ${formatAmount(totalDockets, 'docket')} are not proven; see "sorcha verify", and restore the cold store from a copy`;
  throw new RegisterError('DEGRADED', `Nothing can be sealed in the register "${registerId}": ${reason}.`);
}
