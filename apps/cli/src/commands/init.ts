import { type CommandContext, writeNote, writeResult } from '../command-context.ts';
import { createDataFolder, DEFAULT_REGISTER } from '../data-folder/create-data-folder.ts';
import { readDataFolder } from '../data-folder/open-data-folder.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/** `sorcha init`: creates the data folder, finishes an interrupted creation, and leaves a complete folder as it is. */
export async function runInit(context: CommandContext): Promise<ExitCode> {
  const { folder, registerId, clock } = context;
  const creation = await createDataFolder(folder, { register: registerId ?? DEFAULT_REGISTER, clock });
  const { description } = readDataFolder(folder);
  const { register, node } = description;
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
