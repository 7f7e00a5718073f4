import type { Algorithm } from '../docket/algorithm.ts';
import { createDocket } from '../docket/create-docket.ts';
import { createTransaction } from '../docket/create-transaction.ts';
import type { Docket } from '../docket/docket.ts';
import { ZERO_HASH } from '../docket/sha256.ts';
import type { Transaction } from '../docket/transaction.ts';
import { createKeyPool, type KeyPool } from './create-key-pool.ts';

/** Of every 20 transactions 14 are signed with Ed25519, 5 with P-256 and 1 with RSA-4096. */
export const DEFAULT_MIX: readonly Algorithm[] = Array.from({ length: 20 }, (_, index) => {
  if (index === 19) return 'rsa-4096';
  return index % 4 === 2 ? 'p-256' : 'ed25519';
});

/** What a generated ledger looks like. */
export interface TestLedgerOptions {
  readonly registerId?: string;
  readonly dockets: number;
  readonly transactionsPerDocket: number;
  /** The algorithms of the transactions in order, over and over; `DEFAULT_MIX` by default. */
  readonly mix?: readonly Algorithm[];
  /** Share a pool between ledgers to make each key once. */
  readonly keys?: KeyPool;
  /** The time of the first docket in milliseconds since 1970; each later one follows a second after. */
  readonly startTime?: number;
}

const SECOND_MS = 1000;
const START_TIME = Date.UTC(2026, 0, 1);

/**
 * Generates an intact chain, docket by docket. All of it is the same at every run except for random keys and
 * the random part of P-256 signatures.
 */
export async function* createTestLedger(options: TestLedgerOptions): AsyncGenerator<Docket, void, undefined> {
  const { registerId = 'test', dockets, transactionsPerDocket, mix = DEFAULT_MIX, startTime = START_TIME } = options;
  const keys = options.keys ?? createKeyPool();
  let previousHash = ZERO_HASH;
  let previous: Transaction | undefined;
  for (let height = 0; height < dockets; height++) {
    const timestamp = startTime + height * SECOND_MS;
    const transactions: Transaction[] = [];
    for (let index = 0; index < transactionsPerDocket; index++) {
      const number = height * transactionsPerDocket + index;
      previous = await createTestTransaction({ registerId, number, timestamp, mix, keys, previous });
      transactions.push(previous);
    }
    const docket = createDocket({ registerId, height, previousHash, timestamp, transactions });
    previousHash = docket.hash;
    yield docket;
  }
}

interface TestTransaction {
  readonly registerId: string;
  readonly number: number;
  readonly timestamp: number;
  readonly mix: readonly Algorithm[];
  readonly keys: KeyPool;
  readonly previous: Transaction | undefined;
}

async function createTestTransaction(wanted: TestTransaction): Promise<Transaction> {
  const { registerId, number, timestamp, mix, keys, previous } = wanted;
  const signingKey = await keys.get(mix[number % mix.length] ?? 'ed25519', number);
  const recipient = await keys.get('ed25519', number + 1);
  return createTransaction(
    {
      registerId,
      timestamp,
      recipients: [recipient.address],
      previousTransactionId: previous?.id ?? null,
      metadata: { type: 'transfer', number },
      payloads: [{ amount: 100 + number, note: `Delivery ${number} – signed` }],
    },
    signingKey,
  );
}
