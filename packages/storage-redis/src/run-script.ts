import { StorageError } from '@sorcha/storage';
import type { SendOptions } from './connection/link.ts';
import type { Command } from './connection/open-session.ts';
import { readReplyCode } from './connection/to-storage-error.ts';
import type { Script } from './scripts.ts';

/** A script with what it is run on. Keys, as they stand in Redis, are of one slot. */
export interface ScriptCall {
  readonly script: Script;
  readonly keys: readonly string[];
  readonly args: readonly (string | Buffer)[];
}

/** Runs a script by its hash; a server that does not know it (restarted, flushed) gets the source. */
export async function runScript(
  send: (command: Command, options: SendOptions) => Promise<unknown>,
  { script, keys, args }: ScriptCall,
  options: SendOptions,
): Promise<unknown> {
  const rest = [String(keys.length), ...keys, ...args];
  try {
    return await send(['EVALSHA', script.sha1, ...rest], options);
  } catch (error) {
    if (error instanceof StorageError && readReplyCode(error.cause) === 'NOSCRIPT') {
      return send(['EVAL', script.source, ...rest], options);
    }
    throw error;
  }
}
