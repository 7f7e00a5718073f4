import { docketWorm, RegisterError } from '@sorcha/register';
import { applyDamage, createKeyPool, type DamagePlan, type KeyPool, type NamedDamage } from '@sorcha/register/testing';
import { createRandom } from '@sorcha/storage/testing';
import { openSqliteRecordDamage } from '@sorcha/storage-sql/testing';
import { chooseRegister } from '../data-folder/list-registers.ts';
import { type DataFolder, openDataFolder } from '../data-folder/open-data-folder.ts';
import { formatAmount } from '../output/format-number.ts';

/** Fewer dockets do not make every damage possible. */
export const MIN_DOCKETS = 4;

/** A damage that is thought through and not yet done. */
export interface PlannedDamage extends DamagePlan {
  readonly registerId: string;
  /** How many dockets the register has. */
  readonly size: number;
}

/** What a damage is planned for. */
export interface DamageOptions {
  readonly damage: NamedDamage;
  /** `undefined` for the one that the folder was created with. */
  readonly registerId: string | undefined;
  /** The seed of every random choice. */
  readonly random: number;
  readonly height: number | undefined;
  /** Where forged transactions get their keys; share it, because an RSA key takes seconds. */
  readonly forgers?: KeyPool;
}

/**
 * Plans a damage from what a folder holds and changes nothing. `INVALID` (RegisterError) when the damage is not possible there,
 * `CORRUPTED` when the register was damaged before, `UNKNOWN_REGISTER`.
 */
export async function planDamage(folder: string, options: DamageOptions): Promise<PlannedDamage> {
  const data = await openDataFolder(folder);
  try {
    const registerId = await chooseRegister(data, options.registerId);
    return await planFor(data, { ...options, registerId });
  } finally {
    await data.close();
  }
}

async function planFor({ cold }: DataFolder, options: DamageOptions & { readonly registerId: string }) {
  const { damage, registerId, random, height, forgers = createKeyPool(1) } = options;
  const size = await cold.count(registerId);
  if (size < MIN_DOCKETS) {
    throw new RegisterError(
      'INVALID',
      `Register "${registerId}" has ${formatAmount(size, 'docket')} and needs ${MIN_DOCKETS} to be damaged; add some with "sorcha seed".`,
    );
  }
  const plan = await damage.plan({
    size,
    random: createRandom(random),
    forger: async (algorithm) => forgers.get(algorithm, 0),
    read: async (at) => {
      const record = await cold.get(registerId, at);
      if (record === undefined) {
        throw new RegisterError('CORRUPTED', `Docket ${at} is missing already; damage a register that is intact.`);
      }
      return record.bytes;
    },
    ...(height === undefined ? {} : { height }),
  });
  return { ...plan, registerId, size };
}

/** Carries out a planned damage on a write-once store, past the triggers that guard it. */
export async function carryOutDamage(coldFile: string, plan: PlannedDamage): Promise<void> {
  const { registerId, size, changes } = plan;
  const storage = await openSqliteRecordDamage({ file: coldFile, name: docketWorm.name });
  try {
    await applyDamage(changes, { registerId, size, storage });
  } finally {
    await storage.close();
  }
}
