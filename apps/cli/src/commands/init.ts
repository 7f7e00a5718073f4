import { type Clock, StorageError } from '@sorcha/storage';
import { CliError } from '../cli-error.ts';
import { type CommandContext, writeNote, writeResult } from '../command-context.ts';
import { createDataFolder, DEFAULT_REGISTER } from '../data-folder/create-data-folder.ts';
import { findLosses } from '../data-folder/find-losses.ts';
import type { FolderDescription } from '../data-folder/folder-description.ts';
import type { FolderLayout } from '../data-folder/folder-layout.ts';
import { openCold } from '../data-folder/open-cold.ts';
import { readDataFolder, toTrusted } from '../data-folder/open-data-folder.ts';
import { readNodeIdentity } from '../data-folder/read-node-identity.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/** `sorcha init`: creates the data folder, finishes an interrupted creation, and leaves a complete folder as it is. */
export async function runInit(context: CommandContext): Promise<ExitCode> {
  const { folder, registerId, clock } = context;
  const creation = await createDataFolder(folder, { register: registerId ?? DEFAULT_REGISTER, clock });
  const { layout, description } = readDataFolder(folder);
  const { register, node } = description;
  await requireWhole({ layout, description, clock });
  const result = { schema: 'sorcha.init/v1', folder, creation, node, register };
  writeResult(context, result, () => {
    const done = {
      created: `Created the data folder "${folder}" with the empty register "${register}".`,
      finished: `Finished the data folder "${folder}", whose creation was interrupted; its register is "${register}".`,
      existing: `"${folder}" is a data folder already; nothing was changed.`,
    }[creation];
    return [done];
  });
  if (registerId !== undefined && registerId !== register) {
    writeNote(
      context,
      `its first register is "${register}"; "sorcha seed --register ${registerId}" starts another one.`,
    );
  }
  return EXIT.ok;
}

/** A part that a complete folder lost is never made anew: that would hide the loss. Damage is not called a data folder either. */
async function requireWhole({ layout, description, clock }: WholeOptions): Promise<void> {
  const problems = [
    ...findLosses(layout, description, description.register),
    ...(await findProblem(() => void readNodeIdentity(layout, toTrusted(layout, description)))),
    ...(await findProblem(async () => (await openCold(layout.coldFile, clock)).close())),
  ];
  if (problems.length > 0) {
    const text = 'is a data folder already, and init makes nothing anew that was lost or damaged';
    throw new CliError('DAMAGED_FOLDER', [`"${layout.folder}" ${text}.`, ...problems].join(' '));
  }
}

interface WholeOptions {
  readonly layout: FolderLayout;
  readonly description: FolderDescription;
  readonly clock: Clock;
}

/** The damage that a part turns out to have. One that this user may not read, like the key, may be whole. */
async function findProblem(use: () => void | Promise<void>): Promise<string[]> {
  try {
    await use();
    return [];
  } catch (error) {
    if (error instanceof CliError && error.code === 'FOLDER_UNREADABLE') {
      return [];
    }
    const isDamage = error instanceof CliError || (error instanceof StorageError && error.code === 'CORRUPTED');
    if (isDamage) {
      return [error.message];
    }
    throw error;
  }
}
