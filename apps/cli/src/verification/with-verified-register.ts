import type { CommandContext } from '../command-context.ts';
import { chooseRegister } from '../data-folder/list-registers.ts';
import { type DataFolder, openDataFolder } from '../data-folder/open-data-folder.ts';
import { createVerificationProgress } from './create-verification-progress.ts';
import { type FolderVerification, verifyFolder } from './verify-folder.ts';

/** Opens the data folder, verifies the register with a progress line, and runs work on what was found. */
export async function withVerifiedRegister<T>(
  context: CommandContext,
  options: { readonly isRateMeasured?: boolean },
  work: (found: FolderVerification, data: DataFolder) => T | Promise<T>,
): Promise<T> {
  const { folder, clock, signal } = context;
  const data = await openDataFolder(folder, clock);
  const progress = createVerificationProgress(context);
  try {
    const registerId = await chooseRegister(data, context.registerId);
    const found = await verifyFolder(data, registerId, { ...options, clock, signal, onProgress: progress.update });
    progress.end();
    return await work(found, data);
  } finally {
    progress.end();
    await data.close();
  }
}
