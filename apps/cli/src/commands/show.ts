import type { Docket, Transaction } from '@sorcha/register';
import { parseTransactionId } from '../arguments/parse-transaction-id.ts';
import { parseHeight } from '../arguments/parse-whole-number.ts';
import { CliError } from '../cli-error.ts';
import { type CommandContext, writeNote, writeResult } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { describeDocket, describeTransaction } from '../output/describe-docket.ts';
import { formatAmount } from '../output/format-number.ts';
import type { ShowOptions } from '../program.ts';
import { findTransaction, readProvenDocket } from '../register/read-proven-docket.ts';
import type { VerifyResult } from '../verification/verify-result.ts';
import { withVerifiedRegister } from '../verification/with-verified-register.ts';

/** `sorcha show docket`: prints a docket, once the register was verified and the docket is proven. */
export async function runShowDocket(context: CommandContext, text: string, options: ShowOptions): Promise<ExitCode> {
  const height = parseHeight(text);
  requireOneForm(context, options);
  return withVerifiedRegister(context, {}, async (found, data) => {
    const docket = await readProvenDocket(data, found, height);
    noteDoubts(context, found.result);
    if (options.raw === true) {
      context.terminal.data.write(toText(docket.record));
    } else {
      writeResult(context, toDocketResult(docket), () => describeDocket(docket, context.terminal.data));
    }
    return EXIT.ok;
  });
}

/** `sorcha show transaction`: prints a transaction, once the register was verified and its docket is proven. */
export async function runShowTransaction(
  context: CommandContext,
  text: string,
  options: ShowOptions,
): Promise<ExitCode> {
  const id = parseTransactionId(text);
  requireOneForm(context, options);
  return withVerifiedRegister(context, {}, async (found, data) => {
    const docket = await readProvenDocket(data, found, findTransaction(found, id));
    const index = docket.transactions.findIndex((transaction) => transaction.id === id);
    const transaction = docket.transactions[index];
    if (transaction === undefined) {
      throw new Error('The docket lacks the transaction that its verification found in it.');
    }
    noteDoubts(context, found.result);
    if (options.raw === true) {
      context.terminal.data.write(`${toText(transaction.record)}\n`);
    } else {
      const place = { register: docket.header.registerId, height: docket.header.height, index };
      const result = { schema: 'sorcha.transaction/v1', ...place, ...toTransactionResult(transaction) };
      writeResult(context, result, () => describeTransaction(transaction, place, context.terminal.data));
    }
    return EXIT.ok;
  });
}

function requireOneForm({ isJson }: CommandContext, { raw }: ShowOptions): void {
  if (isJson && raw === true) {
    throw new CliError('USAGE', '--raw and --json exclude each other; give one of them.');
  }
}

/** What is shown is proven; this says what else is not. */
function noteDoubts(context: CommandContext, { ranges, totalDockets, verifiedDockets }: VerifyResult) {
  if (ranges.length > 0) {
    const unproven = totalDockets - verifiedDockets;
    writeNote(
      context,
      `${formatAmount(unproven, 'other docket')} of this register cannot be trusted; see "sorcha verify".`,
    );
  }
}

function toDocketResult({ header, hash, transactions }: Docket) {
  const { registerId: register, height, previousHash, timestamp, transactionsRoot } = header;
  return {
    schema: 'sorcha.docket/v1',
    register,
    height,
    hash,
    previousHash,
    timestamp,
    transactionsRoot,
    transactions: transactions.map(toTransactionResult),
  };
}

const toTransactionResult = ({ id, signature, body }: Transaction) => ({ id, signature, body });

const toText = (record: Uint8Array) => Buffer.from(record).toString('utf8');
