import { ALGORITHM_NAMES, type Algorithm, isAlgorithm } from '@sorcha/register';
import { CliError } from '../cli-error.ts';

/**
 * The mix of 20 transactions that `mixed` repeats: ten Ed25519, nine P-256, one RSA-4096. RSA is rare because making one of its
 * signatures takes about a hundred times as long as the others.
 */
const MIXED: readonly Algorithm[] = Array.from({ length: 20 }, (_, index) =>
  index === 19 ? 'rsa-4096' : index % 2 === 0 ? 'ed25519' : 'p-256',
);

/** Parses `--algorithms`: the algorithms to use in turn, one per transaction. */
export function parseAlgorithms(text: string): readonly Algorithm[] {
  return text === 'mixed' ? MIXED : text.split(',').map((name) => parseAlgorithm(name.trim(), '--algorithms'));
}

/** Parses the name of one algorithm. `USAGE` for any other text. */
export function parseAlgorithm(text: string, option: string): Algorithm {
  if (!isAlgorithm(text)) {
    throw new CliError('USAGE', `${option} has ${JSON.stringify(text)}; known are ${ALGORITHM_NAMES.join(', ')}.`);
  }
  return text;
}
