import type { WormEnforcement, WormStore } from '../../ports/worm-store.ts';
import type { WormDefinition } from '../../schema/define-worm.ts';
import type { Durability, OpenedDurableStore, OpenedStore } from '../opened-store.ts';

/** How a test damages a record that was written, past the store and whatever keeps records from being changed. */
export interface RecordDamage {
  /** Puts other bytes in the place of a record's, which its seal then does not match, or removes it (`undefined`). */
  readonly damage: (stream: string, sequence: number, bytes: Uint8Array | undefined) => Promise<void>;
}

/** A provider of `WormStore`, for its conformance suite. */
export type WormProvider = {
  /** Names the suite in the report: `memory`, `sqlite`, ... */
  readonly name: string;
  /** Who keeps records from being changed, as `health` must report. */
  readonly enforcement: WormEnforcement;
} & Durability<
  <D>(definition: WormDefinition<D>) => Promise<OpenedStore<WormStore<D>> & RecordDamage>,
  <D>(definition: WormDefinition<D>) => Promise<OpenedDurableStore<WormStore<D>> & RecordDamage>
>;
