import { compileFilter, type Filter, parseFilter } from '@sorcha/storage';
import type { JsonObject } from '../docket/json-value.ts';
import { RegisterError } from '../docket/register-error.ts';
import type { Transaction } from '../docket/transaction.ts';
import type { CorruptionRange } from '../verification/corruption.ts';
import type { SealedTransaction } from './verified-register.ts';

/** What transactions to look for; all of it must fit. What is left out fits all. */
export interface TransactionQuery {
  /** An address. */
  readonly sender?: string;
  /** An address. */
  readonly recipient?: string;
  /** Heights, both inclusive. */
  readonly fromHeight?: number;
  readonly toHeight?: number;
  /**
   * When the docket was sealed, as the sealing node says, in milliseconds since 1970, both inclusive. The time in the transaction is its
   * sender's, who could write anything.
   */
  readonly fromTime?: number;
  readonly toTime?: number;
  /** A filter on the metadata (docs/filters.md). */
  readonly metadata?: Filter<JsonObject>;
  /** By place in the register. Default `ascending`. */
  readonly order?: 'ascending' | 'descending';
  /** At most so many, 1 to 1,000. Default 100. */
  readonly limit?: number;
  /** Goes on where a page of the same query ended. */
  readonly cursor?: string;
  /** Ends the search, with `TIMEOUT`. */
  readonly signal?: AbortSignal;
}

/** What a query found. */
export interface TransactionPage {
  readonly transactions: readonly SealedTransaction[];
  /** Hand it in to go on; left out when all heights were searched. A page can be empty and have one: 5,000 dockets are read for one page at most. */
  readonly cursor?: string;
  /** What is not proven among the heights that were searched for this page: nothing in them was looked at. */
  readonly unproven: readonly CorruptionRange[];
}

const MOST = 1_000;
const DEFAULT_LIMIT = 100;
const MEMBERS: ReadonlySet<string> = new Set([
  'sender',
  'recipient',
  'fromHeight',
  'toHeight',
  'fromTime',
  'toTime',
  'metadata',
  'order',
  'limit',
  'cursor',
  'signal',
]);

/** A query that was checked. */
export interface CheckedQuery {
  /** What a cursor depends on. */
  readonly criteria: object;
  readonly isDescending: boolean;
  readonly limit: number;
  readonly fromHeight: number;
  readonly toHeight: number;
  readonly fromTime: number;
  readonly toTime: number;
  /** Texts without which no transaction of a docket can fit: cheap to look for before anything is parsed. */
  readonly needles: readonly string[];
  fits(transaction: Transaction): boolean;
}

/** Checks a query from outside. `INVALID` names the member. */
export function checkQuery(query: TransactionQuery): CheckedQuery {
  const given: unknown = query;
  if (typeof given !== 'object' || given === null) {
    throw new RegisterError('INVALID', 'A query is an object; {} finds everything.');
  }
  const unknown = Object.keys(query).find((member) => !MEMBERS.has(member));
  if (unknown !== undefined) {
    throw new RegisterError('INVALID', `A query has no member "${unknown}"; it has ${[...MEMBERS].join(', ')}.`);
  }
  const { sender, recipient, metadata, order = 'ascending' } = query;
  for (const [name, address] of Object.entries({ sender, recipient })) {
    if (address !== undefined && typeof address !== 'string') {
      throw new RegisterError('INVALID', `"${name}" must be an address.`);
    }
  }
  if (order !== 'ascending' && order !== 'descending') {
    throw new RegisterError('INVALID', '"order" must be "ascending" or "descending".');
  }
  const whole = (name: keyof TransactionQuery, fallback: number, min = 0, max = Number.MAX_SAFE_INTEGER) => {
    const value: unknown = query[name] ?? fallback;
    if (!Number.isSafeInteger(value) || Number(value) < min || Number(value) > max) {
      throw new RegisterError('INVALID', `"${name}" must be a whole number from ${min} to ${max}.`);
    }
    return Number(value);
  };
  const isMatch = metadata === undefined ? () => true : compileMetadata(metadata);
  const bounds = {
    fromHeight: whole('fromHeight', 0),
    toHeight: whole('toHeight', Number.MAX_SAFE_INTEGER),
    fromTime: whole('fromTime', 0),
    toTime: whole('toTime', Number.MAX_SAFE_INTEGER),
  };
  return {
    ...bounds,
    criteria: { ...bounds, sender, recipient, metadata, order },
    isDescending: order === 'descending',
    limit: whole('limit', DEFAULT_LIMIT, 1, MOST),
    needles: [sender, recipient].filter((address) => address !== undefined),
    fits: ({ body }) =>
      (sender === undefined || body.sender === sender) &&
      (recipient === undefined || body.recipients.includes(recipient)) &&
      isMatch(body.metadata),
  };
}

function compileMetadata(filter: unknown): (metadata: JsonObject) => boolean {
  try {
    return compileFilter(parseFilter(filter));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RegisterError('INVALID', `"metadata" is no filter: ${reason}`, { cause });
  }
}
