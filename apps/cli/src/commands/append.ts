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
import { parseSignedRecords, requireSigned } from '../arguments/parse-signed-records.ts';
import { parseWholeNumber } from '../arguments/parse-whole-number.ts';
import { readInput, toInputName } from '../arguments/read-input.ts';
import { CliError } from '../cli-error.ts';
import { type CommandContext, writeResult } from '../command-context.ts';
import { takeWalletKeys } from '../data-folder/wallet.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatAmount, formatCount } from '../output/format-number.ts';
import type { AppendOptions } from '../program.ts';
import { makeAppendable, openWritableRegister, type WritableRegister } from '../register/open-writable-register.ts';
import { sealRecords } from '../register/seal-records.ts';

const NONCE_BYTES = 8;

/** `sorcha append`: signs transactions, or takes signed ones, and seals them in a docket; prints each docket when it is durable. */
export async function runAppend(context: CommandContext, options: AppendOptions): Promise<ExitCode> {
  const count = parseWholeNumber(options.count, { name: '--count', min: 1, max: 1_000_000 });
  const createSource = await readTransactions(options, context);
  const opened = await openWritableRegister(context, { mayBeNew: false });
  try {
    await makeAppendable(opened);
    const nextRecords = await createSource(opened);
    for (let sealed = 0; sealed < count; sealed++) {
      if (context.signal.aborted) {
        const done = `${formatCount(sealed)} of ${formatAmount(count, 'docket')}`;
        throw new CliError('INTERRUPTED', `Interrupted; ${done} are sealed and durable.`);
      }
      const { height, hash, transactionIds } = await seal(opened, nextRecords(), options.signed);
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

async function seal(
  opened: WritableRegister,
  records: readonly (string | Uint8Array)[],
  signed: string | undefined,
): Promise<SealedDocket> {
  try {
    return await sealRecords(opened, records);
  } catch (error) {
    if (signed !== undefined && error instanceof RegisterError) {
      requireSigned(records, { registerId: opened.register.registerId, name: toInputName(signed) });
    }
    throw error;
  }
}

/** Gives the records of the next docket. */
type RecordSource = () => readonly (string | Uint8Array)[];

/** Reads what is to be sealed, before anything is opened; what is returned makes the records once the register is open. */
async function readTransactions(
  options: AppendOptions,
  context: CommandContext,
): Promise<(opened: WritableRegister) => RecordSource | Promise<RecordSource>> {
  const { signed, count } = options;
  if (signed !== undefined) {
    const { from, payload, metadata, algorithm: named } = options;
    if (count !== '1' || [from, payload, metadata, named].some((other) => other !== undefined)) {
      throw new CliError('USAGE', '--signed brings whole transactions, and each is sealed once; give it alone.');
    }
    const records = parseSignedRecords(await readInput(signed, context.signal), toInputName(signed));
    return () => () => records;
  }
  const algorithm = parseAlgorithm(options.algorithm ?? 'ed25519', '--algorithm');
  const drafts = await readDrafts(options, context.signal);
  return async (opened) => {
    const [signer] = await takeWalletKeys(opened.data.layout.wallet, algorithm, 1);
    if (signer === undefined) {
      throw new Error('The wallet gave no key.');
    }
    return createSigningSource(context, opened.register.registerId, drafts, signer);
  };
}

async function readDrafts(options: AppendOptions, signal: AbortSignal): Promise<readonly Draft[]> {
  const { payload = [], metadata, from } = options;
  if (from !== undefined) {
    if (payload.length > 0 || metadata !== undefined) {
      throw new CliError('USAGE', '--from brings payloads and metadata itself; give it alone.');
    }
    return parseDrafts(await readInput(from, signal), toInputName(from));
  }
  if (payload.length === 0 && metadata === undefined) {
    throw new CliError(
      'USAGE',
      `Nothing to append: give --payload '{"n":1}', --metadata, --from <file> or --signed <file>.`,
    );
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
 * Signs drafts over and over. Each transaction gets a nonce: two that were equal, from here or from another process at the
 * same millisecond, would be one and the same to the register, and sealed once.
 */
function createSigningSource(
  { clock }: CommandContext,
  registerId: string,
  drafts: readonly Draft[],
  signer: SigningKey,
): RecordSource {
  return () => {
    const timestamp = clock.now();
    return drafts.map(({ metadata, ...draft }, index) => {
      const unlikeOthers = { nonce: randomBytes(NONCE_BYTES).toString('hex'), ...metadata };
      return sign({ registerId, timestamp, metadata: unlikeOthers, ...draft }, signer, index);
    });
  };
}

function sign(draft: TransactionDraft, signer: SigningKey, index: number): Uint8Array {
  try {
    return createTransaction(draft, signer).record;
  } catch (error) {
    if (error instanceof RegisterError) {
      throw new RegisterError(error.code, `Transaction ${index + 1} is refused: ${error.message}.`, { cause: error });
    }
    throw error;
  }
}
