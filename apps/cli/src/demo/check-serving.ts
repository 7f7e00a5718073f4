import { type CorruptionRange, RegisterError, type VerifiedRegister } from '@sorcha/register';
import type { ServingOutcome } from './damage-outcome.ts';

/**
 * Asks a verified register for every docket that was sealed, compares what it gives back with the originals, and tries to seal.
 *
 * @param originals the hash of each docket before the damage.
 */
export async function checkServing(
  register: VerifiedRegister,
  found: readonly CorruptionRange[],
  originals: readonly (string | undefined)[],
): Promise<ServingOutcome> {
  const isDamaged = (height: number) => found.some(({ from, to }) => from <= height && height <= to);
  let served = 0;
  let refused = 0;
  let wrong = 0;
  for (const [height, original] of originals.entries()) {
    const hash = await readHash(register, height);
    if (hash === 'refused') {
      refused += 1;
      wrong += isDamaged(height) ? 0 : 1;
    } else {
      served += 1;
      wrong += isDamaged(height) || hash !== original ? 1 : 0;
    }
  }
  return { served, refused, wrong, isSealRefused: await isSealRefused(register) };
}

async function readHash(register: VerifiedRegister, height: number): Promise<string | undefined> {
  try {
    return (await register.docket(height))?.hash;
  } catch (error) {
    if (error instanceof RegisterError && error.code === 'CORRUPTED') {
      return 'refused';
    }
    throw error;
  }
}

async function isSealRefused(register: VerifiedRegister): Promise<boolean> {
  try {
    await register.append([]);
    return false;
  } catch (error) {
    if (error instanceof RegisterError && error.code === 'DEGRADED') {
      return true;
    }
    throw error;
  }
}
