import { parseDocketRecord } from '@sorcha/register';
import type { WormStore } from '@sorcha/storage';
import { toBareVerification } from './to-bare-verification.ts';

/** How fast this machine verifies the signatures of a register when it does nothing else. */
export interface RawRate {
  /** Median over the rounds. */
  readonly signaturesPerSecond: number;
  /** How many different signatures were verified in each round. */
  readonly sample: number;
}

const SAMPLED_SIGNATURES = 600;
const SAMPLED_DOCKETS = 100;
const ROUNDS = 5;

/**
 * Measures the bare engine of signatures, one call after the other on this thread, over a sample of the register's own: the
 * limit that one thread can come near to, because whoever verifies has to make these calls. Keys are imported before.
 * `undefined` when none of the given heights holds a signature that verifies.
 */
export async function measureRawRate(
  cold: WormStore<string>,
  registerId: string,
  heights: readonly number[],
): Promise<RawRate | undefined> {
  const calls = await collectCalls(cold, registerId, heights);
  if (calls.length === 0) {
    return undefined;
  }
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    for (const call of calls) {
      call();
    }
    rounds.push(performance.now() - startedAt);
  }
  const median = rounds.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
  return { signaturesPerSecond: (calls.length * 1_000) / median, sample: calls.length };
}

type Call = () => boolean;

/** Prepares calls for scattered transactions of scattered dockets, so that the mix of algorithms is that of the register. */
async function collectCalls(cold: WormStore<string>, registerId: string, heights: readonly number[]): Promise<Call[]> {
  const calls: Call[] = [];
  const dockets = Math.min(heights.length, SAMPLED_DOCKETS);
  const perDocket = Math.ceil(SAMPLED_SIGNATURES / dockets);
  for (let index = 0; index < dockets; index++) {
    const height = heights[scatter(index, heights.length)] ?? 0;
    const record = await cold.get(registerId, height);
    const transactions = (record && parseDocketRecord(record.bytes).value?.transactions) ?? [];
    for (let pick = 0; pick < Math.min(perDocket, transactions.length); pick++) {
      const transaction = transactions[scatter(pick + index, transactions.length)];
      const call = transaction && toBareVerification(transaction);
      if (call !== undefined) {
        calls.push(call);
      }
    }
  }
  return calls;
}

/** Spreads consecutive numbers over `0..length - 1` without the rhythm of even steps; 2654435761 is prime. */
const scatter = (index: number, length: number) => (index * 2_654_435_761) % length;
