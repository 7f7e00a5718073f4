import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { CliError } from '../cli-error.ts';

/** More than any docket can hold, and little enough to read at once. */
const MAX_BYTES = 32 * 1024 * 1024;

/** Reads a whole text file, or standard input for `-`. `INPUT_UNREADABLE` when that fails, `INVALID_INPUT` for no UTF-8. */
export async function readInput(file: string, signal: AbortSignal): Promise<string> {
  const name = toInputName(file);
  const bytes = await readAll(file === '-' ? process.stdin : createReadStream(file), name, signal);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CliError('INVALID_INPUT', `${name} is not UTF-8 text.`, { cause });
  }
}

/** What an input is called in messages. */
export function toInputName(file: string): string {
  return file === '-' ? 'standard input' : `"${file}"`;
}

async function readAll(stream: Readable, name: string, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const stop = () => stream.destroy(new Error('aborted'));
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_BYTES) {
        break;
      }
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('INPUT_UNREADABLE', `${name} cannot be read (${reason}); check the name and its permissions.`, {
      cause,
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
  if (size > MAX_BYTES) {
    throw new CliError('INVALID_INPUT', `${name} is larger than ${MAX_BYTES} bytes; split it.`);
  }
  return Buffer.concat(chunks);
}
