import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  docketWorm,
  openFileAnchorStore,
  openVerifiedRegister,
  parseNodeIdentity,
  type RegisterEvent,
  type VerifiedRegister,
} from '@sorcha/register';
import { openSqliteWormStore } from '@sorcha/storage-sql';

/** Opens the register `main` of a folder with `node.json`, `cold.sqlite` and `anchors`; `close` closes all of it. */
export async function openRegisterFolder(
  folder: string,
  onEvent: (event: RegisterEvent) => void = () => undefined,
): Promise<{ readonly register: VerifiedRegister; readonly close: () => Promise<void> }> {
  const node = parseNodeIdentity(await readFile(join(folder, 'node.json'), 'utf8'));
  const anchors = openFileAnchorStore({ folder: join(folder, 'anchors') });
  const cold = await openSqliteWormStore({ file: join(folder, 'cold.sqlite'), definition: docketWorm });
  try {
    const register = await openVerifiedRegister({ registerId: 'main', cold, anchors, node, onEvent });
    return {
      register,
      close: async () => {
        await register.close();
        await cold.close();
      },
    };
  } catch (error) {
    await cold.close();
    throw error;
  }
}
