import type { EngineStatement } from '../engine/engine-connection.ts';
import { CommandError } from '../errors/command-error.ts';
import { ERROR } from '../errors/error-names.ts';
import type { CommandContext } from './command.ts';

/** Runs a statement whose row has the reply. */
export async function readReply(
  context: CommandContext,
  statement: EngineStatement,
  values: readonly unknown[] = [context.request.database, context.request.body.bytes],
): Promise<Buffer> {
  const [row] = await context.run(statement, values);
  const reply = row?.['reply'];
  if (!Buffer.isBuffer(reply)) {
    throw new CommandError(ERROR.internal, `The engine gave no reply to ${context.request.name}`);
  }
  return reply;
}
