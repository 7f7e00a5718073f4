import { randomBytes } from 'node:crypto';
import {
  createTransaction,
  RegisterError,
  type SealedDocket,
  type SigningKey,
  type TransactionDraft,
} from '@sorcha/register';
import { parseAlgorithm } from '../arguments/parse-algorithms.ts';
import { type Draft, parseDrafts, requireMetadata } from '../arguments/parse-drafts.ts';
import { parseJsonArgument } from '../arguments/parse-json-argument.ts';
import { parseWholeNumber } from '../arguments/parse-whole-number.ts';
import { readInput } from '../arguments/read-input.ts';
import { CliError } from '../cli-error.ts';
import { type CommandContext, writeResult } from '../command-context.ts';
import { takeWalletKeys } from '../data-folder/wallet.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatAmount, formatCount } from '../output/format-number.ts';
import type { AppendOptions } from '../program.ts';
import { openWritableRegister, requireAppendable, type WritableRegister } from '../register/open-writable-register.ts';

/** So many times in a row another writer may be faster. */
const MAX_CONFLICTS = 100;
const NONCE_BYTES = 8;

/** `sorcha append`: signs transactions and seals them in a docket; prints each docket when it is durable. */
export async function runAppend(context: CommandContext, options: AppendOptions): Promise<ExitCode> {
  const count = parseWholeNumber(options.count, { name: '--count', min: 1, max: 1_000_000 });
  const algorithm = parseAlgorithm(options.algorithm, '--algorithm');
  const drafts = await readDrafts(options, context.signal);
  const opened = await openWritableRegister(context, { mayBeNew: false });
  try {
    requireAppendable(opened.register);
    const [signer] = await takeWalletKeys(opened.data.layout.wallet, algorithm, 1);
    if (signer === undefined) {
      throw new Error('The wallet gave no key.');
    }
    const seal = createSealer(context, opened, signer);
    for (let sealed = 0; sealed < count; sealed++) {
      if (context.signal.aborted) {
        const done = `${formatCount(sealed)} of ${formatAmount(count, 'docket')}`;
        throw new CliError('INTERRUPTED', `Interrupted; ${done} are sealed and durable.`);
      }
      const { height, hash, transactionIds } = await seal(drafts);
      const { registerId: register } = opened.register;
      const result = { schema: 'sorcha.append/v1', register, height, hash, transactionIds };
      writeResult(context, result, () => [
        `Sealed docket ${height}: ${hash}`,
        ...transactionIds.map((id) => `  transaction ${id}`),
      ]);
    }
    return EXIT.ok;
  } finally {
    await opened.close();
  }
}

async function readDrafts(options: AppendOptions, signal: AbortSignal): Promise<readonly Draft[]> {
  const { payload = [], metadata, from } = options;
  if (from !== undefined) {
    if (payload.length > 0 || metadata !== undefined) {
      throw new CliError('USAGE', '--from brings payloads and metadata itself; give it alone.');
    }
    return parseDrafts(await readInput(from, signal), from === '-' ? 'standard input' : `"${from}"`);
  }
  if (payload.length === 0 && metadata === undefined) {
    throw new CliError('USAGE', `Nothing to append: give --payload '{"n":1}', --metadata or --from <file>.`);
  }
  return [
    {
      payloads: payload.map((text) => parseJsonArgument(text, '--payload')),
      metadata: metadata === undefined ? {} : requireMetadata(parseJsonArgument(metadata, '--metadata'), '--metadata'),
      recipients: [],
    },
  ];
}

/**
 * Signs and seals drafts over and over. Each transaction gets a nonce: two that were equal, from here or from another process
 * at the same millisecond, would be one and the same to the register, and sealed once.
 */
function createSealer(context: CommandContext, { register }: WritableRegister, signer: SigningKey) {
  const { registerId } = register;
  return async (drafts: readonly Draft[]): Promise<SealedDocket> => {
    const timestamp = context.clock.now();
    const records = drafts.map(({ metadata, ...draft }, index) => {
      const unlikeOthers = { nonce: randomBytes(NONCE_BYTES).toString('hex'), ...metadata };
      return sign({ registerId, timestamp, metadata: unlikeOthers, ...draft }, signer, index);
    });
    for (let conflicts = 0; ; conflicts++) {
      try {
        return await register.seal(records);
      } catch (error) {
        const isConflict = error instanceof RegisterError && error.code === 'SEQUENCE_CONFLICT';
        if (!isConflict || conflicts === MAX_CONFLICTS) {
          throw error;
        }
      }
    }
  };
}

function sign(draft: TransactionDraft, signer: SigningKey, index: number): Uint8Array {
  try {
    return createTransaction(draft, signer).record;
  } catch (error) {
    if (error instanceof RegisterError) {
      throw new RegisterError(error.code, `Transaction ${index} is refused: ${error.message}.`, { cause: error });
    }
    throw error;
  }
}
