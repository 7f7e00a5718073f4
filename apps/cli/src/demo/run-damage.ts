import type { KeyPool, NamedDamage } from '@sorcha/register/testing';
import type { CommandContext } from '../command-context.ts';
import { isExactlyFound } from '../damage/compare-findings.ts';
import { checkCopyTarget, copyDataFolder } from '../damage/copy-data-folder.ts';
import { carryOutDamage, planDamage } from '../damage/damage-register.ts';
import { openWritableRegister } from '../register/open-writable-register.ts';
import { checkServing } from './check-serving.ts';
import type { DamageOutcome } from './damage-outcome.ts';

/** The intact register, and where its damaged copies go. */
export interface DemoPlaces {
  readonly intact: string;
  readonly damaged: string;
  readonly registerId: string;
  /** The hash of each docket of the intact register. */
  readonly originals: readonly (string | undefined)[];
  readonly forgers: KeyPool;
}

/**
 * Makes a fresh copy of the intact register, damages it, and opens it as a verified register, which reads and verifies all of it
 * anew; then asks for every docket.
 */
export async function runDamage(
  context: CommandContext,
  places: DemoPlaces,
  options: { readonly damage: NamedDamage; readonly random: number },
): Promise<DamageOutcome> {
  const { damage, random } = options;
  const { intact, registerId, forgers, originals } = places;
  const plan = await planDamage(intact, { damage, registerId, random, height: undefined, forgers });
  const target = checkCopyTarget(intact, places.damaged);
  await copyDataFolder(intact, target, plan.action);
  await carryOutDamage(target.coldFile, plan);
  const opened = await openWritableRegister({ ...context, folder: target.folder, registerId }, { mayBeNew: false });
  try {
    const { ranges: found, loadMs, verificationMs } = opened.register.report;
    const serving = await checkServing(opened.register, found, originals);
    const { action, expected } = plan;
    return {
      damage: damage.name,
      description: damage.description,
      action,
      expected,
      found,
      ...serving,
      isAsExpected: isExactlyFound(found, expected) && serving.wrong === 0 && serving.isSealRefused,
      verificationMs: loadMs + verificationMs,
    };
  } finally {
    await opened.close();
  }
}
