import { statSync } from 'node:fs';
import { parseCheckpoint, toOrigin } from '@sorcha/register';
import type { DataFolder } from '../data-folder/open-data-folder.ts';

/** What can be said of a register without reading its dockets. */
export interface RegisterStatus {
  readonly register: string;
  /** Records in cold storage. */
  readonly stored: number;
  /** Dockets under the anchored head, whose signature was verified; `null` when there is no head. */
  readonly anchored: number | null;
  /** Heights above the head that an interrupted append announced. */
  readonly announced: number;
  /**
   * `complete`: there are as many records as there must be; `interrupted`: an append was, the next one goes on; `missing`,
   * `surplus`: there are fewer or more records than that; `unanchored`: there are records and no head.
   */
  readonly state: 'complete' | 'interrupted' | 'missing' | 'surplus' | 'unanchored';
}

/** Counts what is stored and compares it with the anchored head. `ANCHOR_INVALID` when that is not the node's. */
export async function readRegisterStatus(data: DataFolder, register: string): Promise<RegisterStatus> {
  const { cold, anchors, node } = data;
  const { note, announced } = await anchors.read(register);
  const anchored =
    note === undefined ? null : parseCheckpoint(note, toOrigin(node.name, register), node.publicKey).size;
  const stored = await cold.count(register);
  const expected = anchored ?? 0;
  const highest = (await cold.height(register)) ?? -1;
  const heights = new Set(announced.map(({ height }) => height)).size;
  const state = chooseState({ stored, highest, expected, announced: heights, isAnchored: anchored !== null });
  return { register, stored, anchored, announced: heights, state };
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
