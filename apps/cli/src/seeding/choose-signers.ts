import type { Algorithm, SigningKey } from '@sorcha/register';
import { takeWalletKeys } from '../data-folder/wallet.ts';

/**
 * The signers of made-up transactions in the order in which they take turns: the algorithms in theirs, and the keys of each
 * algorithm one after the other.
 */
export async function chooseSigners(
  walletFile: string,
  algorithms: readonly Algorithm[],
  keysPerAlgorithm: number,
): Promise<SigningKey[]> {
  const keys = new Map<Algorithm, readonly SigningKey[]>();
  for (const algorithm of new Set(algorithms)) {
    keys.set(algorithm, await takeWalletKeys(walletFile, algorithm, keysPerAlgorithm));
  }
  return Array.from({ length: keysPerAlgorithm }, (_, turn) =>
    algorithms.map((algorithm) => keys.get(algorithm)?.[turn]),
  )
    .flat()
    .filter((key) => key !== undefined);
}
