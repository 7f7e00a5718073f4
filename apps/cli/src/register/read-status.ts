import { statSync } from 'node:fs';
import { type AnchorState, parseCheckpoint, RegisterError, toOrigin } from '@sorcha/register';
import { StorageError } from '@sorcha/storage';
import type { DataFolder } from '../data-folder/open-data-folder.ts';
import { withAnchorAdvice } from './with-anchor-advice.ts';

/** What can be said of a register without reading its dockets. */
export interface RegisterStatus {
  readonly register: string;
  /** Records in cold storage; `null` where they cannot be counted. */
  readonly stored: number | null;
  /** Dockets under the anchored head, whose signature was verified; `null` when there is no head. */
  readonly anchored: number | null;
  /** Why the head cannot be used; `null` unless the state is `refused`. */
  readonly problem: string | null;
  /** Heights above the head that an interrupted append announced. */
  readonly announced: number;
  /**
   * `complete`: there are as many records as there must be; `interrupted`: an append was, the next one goes on; `missing`,
   * `surplus`: there are fewer or more records than that; `unanchored`: there are records and no head; `unreadable`: damage
   * keeps the records from being counted; `refused`: the head is damaged or not this node's.
   */
  readonly state: 'complete' | 'interrupted' | 'missing' | 'surplus' | 'unanchored' | 'unreadable' | 'refused';
}

/** Counts what is stored and compares it with the anchored head. */
export async function readRegisterStatus(data: DataFolder, register: string): Promise<RegisterStatus> {
  const { cold } = data;
  const { anchored, announced, problem } = await readHead(data, register);
  const heights = new Set(announced.map(({ height }) => height)).size;
  const found = { register, anchored, problem, announced: heights };
  const stored = await readOr(null, cold.count(register));
  if (problem !== null) {
    return { ...found, stored, state: 'refused' };
  }
  if (stored === null) {
    return { ...found, stored, state: 'unreadable' };
  }
  // A record above every height that a writer reaches makes the height unreadable: there is one, and it is above.
  const highest = (await readOr(Number.MAX_SAFE_INTEGER, cold.height(register))) ?? -1;
  const state = chooseState({
    stored,
    highest,
    expected: anchored ?? 0,
    announced: heights,
    isAnchored: anchored !== null,
  });
  return { ...found, stored, state };
}

interface Head {
  readonly anchored: number | null;
  readonly announced: AnchorState['announced'];
  readonly problem: string | null;
}

/** A head that cannot be read, or is refused, says nothing about the other registers. */
async function readHead(data: DataFolder, register: string): Promise<Head> {
  const { anchors, node } = data;
  try {
    return await withAnchorAdvice(data, register, async () => {
      const { note, notePlace, announced } = await anchors.read(register);
      const origin = toOrigin(node.name, register);
      const anchored = note === undefined ? null : parseCheckpoint(note, origin, node.publicKey, notePlace).size;
      return { anchored, announced, problem: null };
    });
  } catch (error) {
    if (error instanceof StorageError || (error instanceof RegisterError && error.code === 'ANCHOR_INVALID')) {
      return { anchored: null, announced: [], problem: error.message };
    }
    throw error;
  }
}

/** The status of records under a name that no register can have. */
export async function readForeignStatus({ cold }: DataFolder, stream: string): Promise<RegisterStatus> {
  const stored = await readOr(null, cold.count(stream));
  return { register: stream, stored, anchored: null, problem: null, announced: 0, state: 'surplus' };
}

/** Damage, and a name that the storage itself would never take, are findings and no errors here. */
async function readOr<T, D>(instead: D, reading: Promise<T>): Promise<T | D> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof StorageError && (error.code === 'CORRUPTED' || error.code === 'INVALID')) {
      return instead;
    }
    throw error;
  }
}

function chooseState(found: {
  readonly stored: number;
  readonly highest: number;
  readonly expected: number;
  readonly announced: number;
  readonly isAnchored: boolean;
}): RegisterStatus['state'] {
  const { stored, highest, expected, announced, isAnchored } = found;
  if (stored > expected + announced) {
    return isAnchored ? 'surplus' : 'unanchored';
  }
  if (stored < Math.max(expected, highest + 1)) {
    return 'missing';
  }
  return stored === expected ? 'complete' : 'interrupted';
}

/** The size of the write-once store with its log, in bytes; 0 when it is missing. */
export function measureColdBytes({ layout }: DataFolder): number {
  return [layout.coldFile, `${layout.coldFile}-wal`].reduce(
    (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
