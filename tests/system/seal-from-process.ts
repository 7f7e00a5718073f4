/**
 * A program for tests: seals `count` new transactions one by one in the register of a folder, each again after a conflict with
 * another writer, and prints how many conflicts there were.
 *
 * Arguments: folder, count.
 */
import { createSigningKey, createTransaction, RegisterError, type RegisterErrorCode } from '@sorcha/register';
import { openRegisterFolder } from './open-register-folder.ts';

const [folder = '', count = '0'] = process.argv.slice(2);
const key = await createSigningKey('ed25519');
const { register, close } = await openRegisterFolder(folder);
const retried: ReadonlySet<RegisterErrorCode> = new Set(['SEQUENCE_CONFLICT']);
let conflicts = 0;
for (let sealed = 0; sealed < Number(count); ) {
  const { record } = createTransaction({ registerId: register.registerId, timestamp: sealed }, key);
  try {
    await register.seal([record]);
    sealed += 1;
  } catch (error) {
    if (!(error instanceof RegisterError && retried.has(error.code))) {
      throw error;
    }
    conflicts += 1;
  }
}
await close();
process.stdout.write(String(conflicts));
