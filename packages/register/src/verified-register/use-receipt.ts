import { StorageError } from '@sorcha/storage';
import { toOrigin, toTrustedNode } from '../anchor/node-identity.ts';
import { createReceipt, type ReceiptUse, readReceipt } from '../receipt/receipt.ts';
import type { DocketColumns } from '../verification/docket-columns.ts';
import { HASH_BYTES, HASHES } from '../verification/docket-columns.ts';
import { toVerifyOptions } from './load-facts.ts';
import { type RegisterCore, reportDamage } from './register-core.ts';
import { type RegisterVerification, toAnchoredHead, verifyRegister } from './verify-register.ts';

/** How long a receipt is good for by default: 30 days. */
const DEFAULT_RECEIPT_MS = 30 * 24 * 60 * 60 * 1000;

/** Looks for a receipt that this node signed, that is of the present rules, in time, and about the very dockets under the anchored head. */
export async function findReceipt({ options, clock }: RegisterCore): Promise<ReceiptUse> {
  const { registerId, receipts, anchors, node } = options;
  if (receipts === undefined) {
    return { use: 'none' };
  }
  let bytes: Uint8Array | undefined;
  try {
    bytes = await receipts.read(registerId);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    return ignore(`it cannot be read (${error.message})`);
  }
  if (bytes === undefined) {
    return { use: 'none' };
  }
  const trusted = toTrustedNode(node);
  const origin = toOrigin(trusted.name, registerId);
  const receipt = readReceipt(bytes, { origin, key: trusted.publicKey, now: clock.now() });
  if (typeof receipt === 'string') {
    return ignore(receipt);
  }
  const head = toAnchoredHead(registerId, await anchors.read(registerId), trusted);
  const size = receipt.columns.heights.length;
  if (head === undefined || head.size < size || !areSame(receipt.columns, head.hashes)) {
    return ignore('it does not fit the anchored head');
  }
  return { use: 'used', receipt };
}

function ignore(reason: string): ReceiptUse {
  return {
    use: 'ignored',
    warning: `The receipt of an earlier verification was ignored, and everything verified: ${reason}.`,
  };
}

function areSame({ heights, hashes }: DocketColumns, anchored: Uint8Array | undefined): boolean {
  if (anchored === undefined || anchored.length < heights.length * HASH_BYTES) {
    return false;
  }
  const bytes = Buffer.from(anchored.buffer, anchored.byteOffset, anchored.length);
  return heights.every((_, row) => {
    const start = (HASHES * row + 1) * HASH_BYTES;
    return bytes.compare(hashes, start, start + HASH_BYTES, row * HASH_BYTES, (row + 1) * HASH_BYTES) === 0;
  });
}

/**
 * What is left to do when a register was opened: the signatures that a receipt stood for are verified after all, then the next receipt is
 * written. Damage is reported as if a reader had found it. Never fails: without a receipt the next start takes longer, nothing else.
 */
export async function renewReceipt(
  core: RegisterCore,
  verification: RegisterVerification,
  signal: AbortSignal,
): Promise<void> {
  const { options, receipt } = core;
  if (options.receipts === undefined) {
    return;
  }
  try {
    if (receipt.use !== 'used') {
      await writeReceipt(core, verification);
    } else if (options.recheck !== 'none') {
      const found = await verifyRegister({ ...toVerifyOptions(core), signal, onProgress: () => undefined });
      for (const { height, damage } of found.judgement.verdicts) {
        if (damage !== undefined && core.machine.state !== 'Offline') reportDamage(core, height, damage);
      }
      await writeReceipt(core, found);
    }
  } catch (error) {
    if (!signal.aborted) {
      const reason = error instanceof Error ? error.message : String(error);
      options.onEvent?.({ type: 'receipt', at: core.clock.now(), isWritten: false, reason });
    }
  }
}

/** Only what is proven from end to end gets a receipt. */
async function writeReceipt({ options, clock }: RegisterCore, found: RegisterVerification): Promise<void> {
  const { registerId, receipts, node, receiptMs = DEFAULT_RECEIPT_MS } = options;
  const isWhole = found.ranges.length === 0 && (found.anchor === 'matched' || found.anchor === 'extended');
  if (!isWhole || receipts === undefined) {
    return;
  }
  const verifiedAt = clock.now();
  const receipt = { columns: found.table.toColumns(), verifiedAt, expiresAt: verifiedAt + receiptMs };
  await receipts.write(registerId, createReceipt(receipt, toOrigin(node.name, registerId), node.key));
  options.onEvent?.({ type: 'receipt', at: clock.now(), isWritten: true });
}
