import type { VerificationProgress } from '@sorcha/register';
import type { CommandContext } from '../command-context.ts';
import { type ProgressLine, startProgressLine } from '../output/progress-line.ts';

/** The progress line of a verification, which starts when it is known how much there is to verify. */
export function createVerificationProgress({ terminal, clock, isJson }: CommandContext): {
  readonly update: (progress: VerificationProgress) => void;
  readonly end: () => void;
} {
  let line: ProgressLine | undefined;
  return {
    update: ({ dockets, total }) => {
      line ??= startProgressLine({ terminal, clock, isJson, label: 'Verifying', unit: 'dockets', total });
      line.update(dockets);
    },
    end: () => line?.end(),
  };
}
