import { hash } from 'node:crypto';
import { type Docket, parseDocketRecord, RegisterError, recordAt } from '@sorcha/register';
import { CliError } from '../cli-error.ts';
import type { DataFolder } from '../data-folder/open-data-folder.ts';
import { formatAmount, formatCount } from '../output/format-number.ts';
import type { FolderVerification } from '../verification/verify-folder.ts';
import type { VerifyResult } from '../verification/verify-result.ts';

/**
 * Reads a docket after the verification of its register. Its bytes are read again and compared with those that were
 * verified. `NOT_FOUND` above the register, `CORRUPTED` when it is not proven or changed meanwhile, or
 * when a loss leaves open what was sealed: without the anchored head, another register that is sound in itself would pass.
 */
export async function readProvenDocket(
  data: DataFolder,
  { result, verification }: FolderVerification,
  height: number,
): Promise<Docket> {
  const { register, totalDockets, ranges } = result;
  const range = ranges.find(({ from, to }) => from <= height && height <= to);
  if (range !== undefined) {
    throw corrupted(height, `${range.kind}: ${range.detail}`);
  }
  requireKnownExtent(result);
  const proven = recordAt(verification.table, height)?.check;
  if (proven === undefined) {
    const extent = totalDockets === 0 ? 'it is empty' : `its heights are 0 to ${totalDockets - 1}`;
    throw new CliError('NOT_FOUND', `Register "${register}" has no docket ${height}; ${extent}.`);
  }
  const bytes = (await data.cold.get(register, height))?.bytes;
  const docket = bytes === undefined ? undefined : parseDocketRecord(bytes).value;
  if (bytes === undefined || docket === undefined || hash('sha256', bytes, 'hex') !== proven.recordDigest) {
    throw corrupted(height, 'it changed while it was being read');
  }
  return docket;
}

/** The height of the proven docket that holds a transaction. `NOT_FOUND` when none does, `CORRUPTED` as above. */
export function findTransaction({ result, verification }: FolderVerification, id: string): number {
  for (const { height, damage } of verification.judgement.verdicts) {
    const ids = damage === undefined ? recordAt(verification.table, height)?.check?.transactionIds : undefined;
    if (ids?.includes(id) === true) {
      return height;
    }
  }
  requireKnownExtent(result);
  const unproven = result.totalDockets - result.verifiedDockets;
  const doubt =
    unproven === 0
      ? ''
      : `, but ${formatCount(unproven)} of ${formatAmount(result.totalDockets, 'docket')} ${unproven === 1 ? 'is' : 'are'} not proven and may hold it`;
  throw new CliError('NOT_FOUND', `No proven docket of register "${result.register}" holds ${id}${doubt}.`);
}

/** Nothing of a register without its head, or of a folder that lost a part, is known to be what was sealed, or all of it. */
function requireKnownExtent({ register, anchor, losses }: VerifyResult): void {
  if (anchor === 'absent' || losses.length > 0) {
    const reasons = losses.length > 0 ? losses.join(' ') : 'its anchored head is missing; see "sorcha adopt".';
    throw new RegisterError('CORRUPTED', `It is not known what was sealed in register "${register}": ${reasons}`);
  }
}

function corrupted(height: number, reason: string): RegisterError {
  return new RegisterError(
    'CORRUPTED',
    `Docket ${height} is not proven and not shown (${reason}). See "sorcha verify".`,
  );
}
