import { createDocket, createTransaction, type Docket, type SigningKey } from '@sorcha/register';

/** Where a docket of made-up transactions goes. */
export interface SeedPlace {
  readonly registerId: string;
  readonly height: number;
  readonly previousHash: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/** What made-up transactions are made of. */
export interface SeedContents {
  /** Per docket. */
  readonly transactions: number;
  readonly signers: readonly SigningKey[];
  /** Tells these transactions from those of another run at the same time. */
  readonly run: string;
}

/**
 * Makes a docket of signed, made-up transactions: meter readings, each unlike every other by its docket and index. The signers
 * take turns by the number of the transaction in the register, so that the mix of algorithms does not depend on the docket size.
 */
export function createSeedDocket(place: SeedPlace, { transactions, signers, run }: SeedContents): Docket {
  const { registerId, height, timestamp } = place;
  return createDocket({
    ...place,
    transactions: Array.from({ length: transactions }, (_, index) => {
      const signer = signers[(height * transactions + index) % signers.length];
      if (signer === undefined) {
        throw new Error('Seeding needs at least one signer.');
      }
      return createTransaction(
        {
          registerId,
          timestamp,
          metadata: { type: 'meter-reading', run },
          payloads: [
            { docket: height, index, meter: `meter-${index % 97}`, kilowattHours: (height * 31 + index * 7) % 5_000 },
          ],
        },
        signer,
      );
    }),
  });
}
