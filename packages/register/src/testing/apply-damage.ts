import type { RecordChange } from './damages/damage.ts';

/** Who can change stored records past every guard, under valid storage seals. */
export interface RecordDamage {
  replace(stream: string, sequence: number, bytes: Uint8Array): Promise<void>;
  remove(stream: string, sequence: number): Promise<void>;
  insert(stream: string, sequence: number, bytes: Uint8Array): Promise<void>;
}

/** The stored register to damage: `size` records from height 0, none absent. */
export interface DamagedPlace {
  readonly registerId: string;
  readonly size: number;
  readonly storage: RecordDamage;
}

/** Carries out the changes of a plan. */
export async function applyDamage(changes: readonly RecordChange[], place: DamagedPlace): Promise<void> {
  const { registerId, size, storage } = place;
  for (const { height, bytes } of changes) {
    if (bytes === undefined) {
      await storage.remove(registerId, height);
    } else if (height < size) {
      await storage.replace(registerId, height, bytes);
    } else {
      await storage.insert(registerId, height, bytes);
    }
  }
}
