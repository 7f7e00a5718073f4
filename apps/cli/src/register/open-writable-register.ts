import { openVerifiedRegister, RegisterError, type StartupReport, type VerifiedRegister } from '@sorcha/register';
import { type CommandContext, writeNote } from '../command-context.ts';
import { chooseRegister } from '../data-folder/list-registers.ts';
import { type DataFolder, openDataFolder } from '../data-folder/open-data-folder.ts';
import { readNodeIdentity } from '../data-folder/read-node-identity.ts';
import { formatAmount, formatCount } from '../output/format-number.ts';
import { createVerificationProgress } from '../verification/create-verification-progress.ts';
import { countDockets, STRAYS_ADVICE } from '../verification/describe-verification.ts';
import { withAnchorAdvice } from './with-anchor-advice.ts';

/** A verified register of a data folder. */
export interface WritableRegister {
  readonly data: DataFolder;
  readonly register: VerifiedRegister;
  /** What of the data folder the register needs and is lost, see `findLosses`. */
  readonly losses: readonly string[];
  readonly close: () => Promise<void>;
}

/**
 * Opens the data folder and verifies the register with a progress line. Dockets can be appended after `makeAppendable`: a
 * register that takes none is left as it is, to the byte.
 *
 * @param options.mayBeNew whether a register that the folder does not have is started; otherwise `UNKNOWN_REGISTER`.
 */
export async function openWritableRegister(
  context: CommandContext,
  options: { readonly mayBeNew: boolean },
): Promise<WritableRegister> {
  const { folder, clock, signal } = context;
  const data = await openDataFolder(folder, clock);
  const progress = createVerificationProgress(context);
  try {
    const isNewWanted = options.mayBeNew && context.registerId !== undefined;
    const registerId = isNewWanted ? context.registerId : await chooseRegister(data, context.registerId);
    const losses = data.losses(registerId);
    const { cold, source, anchors } = data;
    const node = readNodeIdentity(data.layout, data.node);
    const register = await withAnchorAdvice(data, registerId, async () =>
      openVerifiedRegister({
        registerId,
        cold,
        anchors,
        node,
        clock,
        signal,
        batchDockets: 1,
        start: 'blocking',
        ...(source === undefined ? {} : { parallel: { source } }),
        onProgress: progress.update,
      }),
    );
    for (const warning of register.report.anchor === 'extended' ? register.report.warnings : []) {
      writeNote(context, warning);
    }
    return {
      data,
      register,
      losses,
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

/** Opens the write-once store for writing. `DEGRADED`, in the words of the command line, unless dockets can be appended. */
export async function makeAppendable(opened: WritableRegister): Promise<void> {
  requireAppendable(opened);
  await opened.data.cold.openForWriting();
}

/** `DEGRADED` unless dockets can be appended. */
export function requireAppendable({ register: { registerId, state, report }, losses }: WritableRegister): void {
  if (state === 'Healthy' && losses.length === 0) {
    return;
  }
  throw new RegisterError(
    'DEGRADED',
    `Nothing can be sealed in the register "${registerId}": ${[describeReport(report), ...losses].filter(Boolean).join(' ')}`,
  );
}

function describeReport({ verifiedDockets, totalDockets, ranges, anchor }: StartupReport): string {
  if (ranges.length === 0) {
    return anchor === 'absent' ? 'its anchored head is missing; "sorcha adopt" explains what to do.' : '';
  }
  const missing = totalDockets - verifiedDockets;
  return missing > 0
    ? `${formatCount(missing)} of ${formatAmount(totalDockets, 'docket')} ${missing === 1 ? 'is' : 'are'} not proven; see "sorcha verify", and restore the cold store from a copy.`
    : `above its anchored head ${formatAmount(countDockets(ranges), 'docket is', 'dockets are')} stored that it does not know. ${STRAYS_ADVICE}`;
}
