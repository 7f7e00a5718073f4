import { existsSync } from 'node:fs';
import { CliError } from '../cli-error.ts';
import { type CommandContext, writeNote, writeResult } from '../command-context.ts';
import { createDataFolder, DEFAULT_REGISTER } from '../data-folder/create-data-folder.ts';
import { findLosses } from '../data-folder/find-losses.ts';
import type { FolderDescription } from '../data-folder/folder-description.ts';
import type { FolderLayout } from '../data-folder/folder-layout.ts';
import { readDataFolder } from '../data-folder/open-data-folder.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/** `sorcha init`: creates the data folder, finishes an interrupted creation, and leaves a complete folder as it is. */
export async function runInit(context: CommandContext): Promise<ExitCode> {
  const { folder, registerId, clock } = context;
  const creation = await createDataFolder(folder, { register: registerId ?? DEFAULT_REGISTER, clock });
  const { layout, description } = readDataFolder(folder);
  const { register, node } = description;
  requireWhole(layout, description);
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

/** A part that a complete folder lost is never made anew: that would hide the loss. */
function requireWhole(layout: FolderLayout, description: FolderDescription): void {
  const { folder, nodeKey } = layout;
  const losses = [
    ...(existsSync(nodeKey) ? [] : [`The node's key "${nodeKey}" is missing; restore it from a backup.`]),
    ...findLosses(layout, description, description.register),
  ];
  if (losses.length > 0) {
    const text = 'is a data folder already, and init makes nothing anew that was lost';
    throw new CliError('DAMAGED_FOLDER', [`"${folder}" ${text}.`, ...losses].join(' '));
  }
}
