import { isWormRecordIntact } from '@sorcha/storage';
import { toTrustedNode } from '../anchor/node-identity.ts';
import { RegisterError } from '../docket/register-error.ts';
import { type CheckedDocket, checkDockets } from './check-dockets.ts';
import { loadFacts } from './load-facts.ts';
import { readRecords } from './read-records.ts';
import { anchorDockets, type RegisterCore, requireHealthy } from './register-core.ts';
import { toAnchoredHead } from './verify-register.ts';

/**
 * Takes over what other writers sealed since. Only dockets that continue what is known, under the newest head or announced,
 * are simply added; in every other case the whole register is verified anew.
 */
export async function refresh(core: RegisterCore): Promise<void> {
  requireHealthy(core);
  try {
    if (await addFollowers(core)) {
      core.isBehind = false;
      return;
    }
  } catch (error) {
    // The head moved again, or what follows is not in order: only a whole verification can tell.
    if (!(error instanceof RegisterError) || error.code === 'ANCHOR_INVALID') {
      throw error;
    }
  }
  const { anchor } = await loadFacts(core);
  if (anchor === 'damaged' || anchor === 'absent') {
    core.machine.change('Degraded', `Cold storage does not fit the anchored head any more: ${anchor}.`);
  }
}

/** Adds the dockets that follow the known ones; `false` when they do not simply follow. */
async function addFollowers(core: RegisterCore): Promise<boolean> {
  const { registerId, anchors, cold, node } = core.options;
  const kept = await anchors.read(registerId);
  const head = toAnchoredHead(registerId, kept, toTrustedNode(node)) ?? { size: 0, root: core.facts.rootWith([]) };
  const height = (await cold.height(registerId)) ?? -1;
  const { size } = core.facts;
  if (head.size < size || height + 1 < head.size) {
    return false;
  }
  const records: Uint8Array[] = [];
  for await (const record of height < size ? [] : readRecords(cold, { registerId, from: size, to: height })) {
    if (!('bytes' in record) || !isWormRecordIntact(record)) {
      return false;
    }
    records.push(record.bytes);
  }
  const dockets = checkDockets(core, records);
  const covered = dockets.slice(0, head.size - size);
  const following = dockets.slice(covered.length);
  const announced = new Set(kept.announced.map((announcement) => `${announcement.height} ${announcement.hash}`));
  const isOwn = following.every(({ hash }, index) => announced.has(`${head.size + index} ${hash}`));
  if (!isOwn || !Buffer.from(core.facts.rootWith(covered.map(({ hash }) => hash))).equals(head.root)) {
    return false;
  }
  core.note = kept.note;
  core.anchoredSize = head.size;
  addFacts(core, covered);
  if (following.length > 0) {
    await anchorDockets(core, following);
  }
  return true;
}

function addFacts(core: RegisterCore, dockets: readonly CheckedDocket[]): void {
  for (const { hash, digest, transactionIds } of dockets) {
    core.facts.append({ hash, digest, transactionIds });
  }
}
