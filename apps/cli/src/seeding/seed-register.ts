import { randomBytes } from 'node:crypto';
import { RegisterError, type SealedDocket, type SigningKey, type VerifiedRegister } from '@sorcha/register';
import type { Clock } from '@sorcha/storage';
import { formatAmount } from '../output/format-number.ts';
import { createSeedDocket, type SeedContents } from './create-seed-docket.ts';

/** How much is sealed, and by whom. */
export interface SeedPlan {
  readonly dockets: number;
  /** Per docket. */
  readonly transactions: number;
  readonly signers: readonly SigningKey[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called after each batch with the number of dockets that are durable. */
  readonly onSealed: (dockets: number) => void;
}

/** One batch is one durable append and one head. It is bounded so that little is lost by Ctrl-C. */
const BATCH_DOCKETS = 100;
const BATCH_TRANSACTIONS = 1_000;
/** So many other writers in a row may be faster. */
const MAX_CONFLICTS = 100;
const RUN_BYTES = 4;

/** Seals dockets of made-up transactions, batch by batch, until done or `signal` fires. Returns those that are durable. */
export async function seedRegister(register: VerifiedRegister, plan: SeedPlan): Promise<SealedDocket[]> {
  const { dockets, transactions, signal, onSealed } = plan;
  const perBatch = Math.max(1, Math.min(BATCH_DOCKETS, Math.floor(BATCH_TRANSACTIONS / transactions)));
  const run = randomBytes(RUN_BYTES).toString('hex');
  const sealed: SealedDocket[] = [];
  let conflicts = 0;
  while (sealed.length < dockets && !signal.aborted) {
    try {
      const batch = createBatch(register, Math.min(perBatch, dockets - sealed.length), { ...plan, run });
      for (const docket of await register.append(batch)) {
        sealed.push(docket);
      }
      conflicts = 0;
      onSealed(sealed.length);
    } catch (error) {
      if (error instanceof RegisterError && error.code === 'OUTCOME_UNKNOWN') {
        throw new RegisterError(error.code, explainUnknown(error, sealed.length), { cause: error });
      }
      const isConflict = error instanceof RegisterError && error.code === 'SEQUENCE_CONFLICT';
      if (!isConflict || conflicts === MAX_CONFLICTS) {
        throw error;
      }
      conflicts += 1;
    }
  }
  return sealed;
}

function explainUnknown(error: RegisterError, sealed: number): string {
  const reason = error.cause instanceof Error ? ` (${error.cause.message.replace(/\.$/, '')})` : '';
  const before = `${formatAmount(sealed, 'docket')} before it ${sealed === 1 ? 'is' : 'are'} sealed and durable`;
  return `Whether the newest batch is sealed is not known${reason}; ${before}. "sorcha status" counts what is stored, and the next seed or append takes it over.`;
}

function createBatch(register: VerifiedRegister, count: number, plan: SeedPlan & SeedContents): Uint8Array[] {
  const { registerId, size } = register;
  let previousHash = register.headHash;
  return Array.from({ length: count }, (_, index) => {
    const place = { registerId, height: size + index, previousHash, timestamp: plan.clock.now() };
    const docket = createSeedDocket(place, plan);
    previousHash = docket.hash;
    return docket.record;
  });
}
