import { DOCKET_RECORD_FORMAT, type Docket, type DocketHeader, toDocketHash } from './docket.ts';
import { LIMITS } from './limits.ts';
import { parseTransactionRecord } from './parse-transaction.ts';
import { type Parsed, type Problem, refuse } from './parsed.ts';
import { isRegisterId } from './register-id.ts';
import { isSha256Hex } from './sha256.ts';
import { integerFrom, readerOf, satisfies } from './shape.ts';
import { parseStrictJson } from './strict-json.ts';
import type { Transaction } from './transaction.ts';
import { parseUtf8 } from './utf8.ts';

const LINE_FEED = 0x0a;
const HEAD_LINES = 3;

/** What could be read from a docket record, also from a damaged one: leads, not facts. */
export interface ReadableParts {
  readonly claimedHash?: string;
  readonly header?: DocketHeader;
  /** The hash computed from the header. */
  readonly hash?: string;
}

/** A docket, or what is wrong with its record; in both cases what could be read. */
export type DocketParse = Parsed<Docket> & { readonly readable: ReadableParts };

/**
 * Reads a docket record: lines that each end in a line feed, being the format's name, the claimed hash, the
 * header and one transaction record each. Decides only about form and limits and never throws. The bytes are
 * kept, not copied.
 */
export function parseDocketRecord(record: Uint8Array): DocketParse {
  if (record.length > LIMITS.docketBytes) {
    return { ...refuse('LIMIT_EXCEEDED', `the record is longer than ${LIMITS.docketBytes} bytes`), readable: {} };
  }
  const { lines, isEnded } = splitLines(record);
  const [format, claim, headerLine] = lines;
  const claimedHash = parseClaimedHash(claim);
  const header = parseDocketHeader(headerLine);
  const hash = header.value === undefined || headerLine === undefined ? undefined : toDocketHash(headerLine);
  const readable: ReadableParts = {
    ...(claimedHash === undefined ? {} : { claimedHash }),
    ...(header.value === undefined || hash === undefined ? {} : { header: header.value, hash }),
  };
  const fail = (problem: Problem): DocketParse => ({ problem, readable });
  const invalid = (detail: string) => fail(refuse('INVALID', detail).problem);

  if (format === undefined || parseUtf8(format) !== DOCKET_RECORD_FORMAT) {
    return invalid(`the first line is not "${DOCKET_RECORD_FORMAT}"`);
  }
  if (!isEnded) return invalid('the record does not end with a line feed');
  if (claimedHash === undefined) return invalid('the second line is not a hash of 64 lower-case hex digits');
  if (header.problem !== undefined) return fail(header.problem);
  if (hash === undefined) return invalid('the record has no header');
  const transactions = parseTransactions(lines.slice(HEAD_LINES));
  if (transactions.problem !== undefined) return fail(transactions.problem);
  return { value: { header: header.value, hash, claimedHash, transactions: transactions.value, record }, readable };
}

/** The lines of a record without their line feeds; no more are split off than a docket can have, plus one. */
function splitLines(record: Uint8Array): { lines: Uint8Array[]; isEnded: boolean } {
  const lines: Uint8Array[] = [];
  let start = 0;
  while (start < record.length && lines.length <= HEAD_LINES + LIMITS.transactionsPerDocket) {
    const end = record.indexOf(LINE_FEED, start);
    lines.push(record.subarray(start, end === -1 ? record.length : end));
    start = end === -1 ? record.length : end + 1;
  }
  return { lines, isEnded: record.at(-1) === LINE_FEED };
}

function parseClaimedHash(line: Uint8Array | undefined): string | undefined {
  const text = line === undefined ? undefined : parseUtf8(line);
  return isSha256Hex(text) ? text : undefined;
}

function parseDocketHeader(line: Uint8Array | undefined): Parsed<DocketHeader> {
  const text = line === undefined ? undefined : parseUtf8(line);
  if (text === undefined) return refuse('INVALID', 'the header is missing or not valid UTF-8');
  const json = parseStrictJson(text, { hasWholeMembers: true });
  if (json.problem !== undefined) return refuse(json.problem.code, `header: ${json.problem.detail}`);
  return readHeader(json.value, 'header');
}

const findHashProblem = satisfies(isSha256Hex, '64 lower-case hex digits');

const readHeader = readerOf<DocketHeader>({
  registerId: satisfies(isRegisterId, 'a register id'),
  height: integerFrom(0),
  previousHash: findHashProblem,
  timestamp: integerFrom(0),
  transactionCount: integerFrom(1, LIMITS.transactionsPerDocket),
  transactionsRoot: findHashProblem,
});

function parseTransactions(lines: readonly Uint8Array[]): Parsed<Transaction[]> {
  if (lines.length > LIMITS.transactionsPerDocket) {
    return refuse('LIMIT_EXCEEDED', `the docket has more than ${LIMITS.transactionsPerDocket} transactions`);
  }
  const transactions: Transaction[] = [];
  for (const [index, line] of lines.entries()) {
    const { value, problem } = parseTransactionRecord(line);
    if (problem !== undefined) return refuse(problem.code, `transaction ${index}: ${problem.detail}`);
    transactions.push(value);
  }
  return { value: transactions };
}
