import { type CommandContext, writeResult } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { describeVerification } from '../verification/describe-verification.ts';
import { withVerifiedRegister } from '../verification/with-verified-register.ts';

/** `sorcha verify`: proves the whole register, or says what of it is not proven. Writes nothing. */
export async function runVerify(context: CommandContext): Promise<ExitCode> {
  return withVerifiedRegister(context, { isRateMeasured: true }, ({ result }) => {
    writeResult(context, result, () => describeVerification(result, context.terminal));
    return result.verdict === 'unproven' ? EXIT.corruption : EXIT.ok;
  });
}
