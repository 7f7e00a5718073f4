import { setImmediate } from 'node:timers/promises';
import { isWormRecordIntact } from '@sorcha/storage';
import type { AnchorState } from '../anchor/anchor-store.ts';
import { toTrustedNode } from '../anchor/node-identity.ts';
import { RegisterError } from '../docket/register-error.ts';
import { createDocketChecker, type DocketChecker } from './check-dockets.ts';
import { loadFacts } from './load-facts.ts';
import { isDamage, readRecords } from './read-records.ts';
import { anchorDockets, type RegisterCore, requireHealthy } from './register-core.ts';
import type { DocketFacts } from './verified-facts.ts';
import { toAnchoredHead, toAnnouncements } from './verify-register.ts';

const BATCH_DOCKETS = 100;
/** So many times it is tried again because another writer moved the head meanwhile. */
const MAX_ATTEMPTS = 10;

/**
 * Takes over what other writers sealed since. Only dockets that continue what is known, under the newest head or announced,
 * are simply added; in every other case the whole register is verified anew.
 */
export async function refresh(core: RegisterCore): Promise<void> {
  requireHealthy(core);
  if (await catchUpSimply(core)) {
    core.isBehind = false;
  } else {
    await loadFacts(core);
  }
}

/** Adds what simply follows; `false` when only a whole verification can tell. */
async function catchUpSimply(core: RegisterCore): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await addFollowers(core);
    } catch (error) {
      const isBeaten = error instanceof RegisterError && error.code === 'ANCHOR_CONFLICT';
      // Another writer moved the head over the same dockets first, so they are under it now.
      if (isBeaten && attempt < MAX_ATTEMPTS) {
        continue;
      }
      const isDoubt = error instanceof RegisterError ? error.code !== 'ANCHOR_INVALID' : isDamage(error);
      if (!isDoubt) {
        throw error;
      }
      return false;
    }
  }
}

/** Adds the dockets that follow the known ones; `false` when they do not simply follow. */
async function addFollowers(core: RegisterCore): Promise<boolean> {
  const { registerId, anchors, cold, node } = core.options;
  const { size } = core.facts;
  const followers: Followers = { checker: createDocketChecker(core), dockets: [] };
  const height = (await cold.height(registerId)) ?? -1;
  await readFollowers(core, followers, height);
  // The head is read after the records, and those that it covers by then are read on, see `judgeReading`.
  const kept = await anchors.read(registerId);
  const head = toAnchoredHead(registerId, kept, toTrustedNode(node)) ?? { size: 0, root: core.facts.rootWith([]) };
  await readFollowers(core, followers, head.size - 1);
  const { dockets } = followers;
  const isShorter = height + 1 < size || size + dockets.length < head.size;
  if (isShorter || head.size < size) {
    return false;
  }
  const covered = dockets.slice(0, head.size - size);
  const following = dockets.slice(covered.length);
  const root = core.facts.rootWith(covered.map(({ hash }) => hash));
  if (!areAnnounced(kept, head.size, following) || !Buffer.from(root).equals(head.root)) {
    return false;
  }
  core.note = kept.note;
  for (const facts of covered) {
    core.facts.append(facts);
  }
  if (following.length > 0) {
    await anchorDockets(core, following);
  }
  return true;
}

/** Dockets above the known ones that were read and checked so far. */
interface Followers {
  readonly checker: DocketChecker;
  readonly dockets: DocketFacts[];
}

/** Reads on to the height `to`; `CORRUPTED` at the first record that cannot be used. */
async function readFollowers(core: RegisterCore, { checker, dockets }: Followers, to: number): Promise<void> {
  const { registerId, cold } = core.options;
  const from = core.facts.size + dockets.length;
  for await (const record of readRecords(cold, { registerId, from, to, known: to + 1 })) {
    if (!('bytes' in record) || !isWormRecordIntact(record)) {
      throw new RegisterError('CORRUPTED', 'A record above the known ones is damaged.');
    }
    dockets.push(checker.check(record.bytes));
    if (dockets.length % BATCH_DOCKETS === 0) {
      await setImmediate();
    }
  }
}

function areAnnounced(kept: AnchorState, firstHeight: number, dockets: readonly DocketFacts[]): boolean {
  const announced = toAnnouncements(kept);
  return dockets.every(({ hash }, index) => announced.get(firstHeight + index)?.has(hash) === true);
}
