import type { Docket } from '../../docket/docket.ts';
import { parseDocketRecord } from '../../docket/parse-docket.ts';
import { requireParsed } from '../../docket/parsed.ts';
import { RegisterError } from '../../docket/register-error.ts';
import type { CorruptionKind } from '../../verification/corruption.ts';
import type { DamagePlan, DamageTarget, ExpectedDamage, RecordChange } from './damage.ts';

/** A random whole number from `from` to `to`, both inclusive. */
export function chooseNumber(target: DamageTarget, from: number, to: number): number {
  return from + Math.floor(target.random() * (to - from + 1));
}

/** The wanted height, or a random one within the bounds (both inclusive). */
export function chooseHeight(target: DamageTarget, from: number, to: number): number {
  const { height = chooseNumber(target, from, to) } = target;
  if (!Number.isSafeInteger(height) || height < from || height > to) {
    throw new RegisterError('INVALID', `This damage is possible at heights ${from} to ${to}, not at ${height}.`);
  }
  return height;
}

/** Reads and parses the intact docket at a height. */
export async function readIntact(target: DamageTarget, height: number): Promise<Docket> {
  return requireParsed<Docket>(parseDocketRecord(await target.read(height)));
}

/** The docket at the wanted height, or a random one, that has two transactions or more. */
export async function chooseDocketOfMany(target: DamageTarget): Promise<Docket> {
  const start = chooseHeight(target, 0, target.size - 1);
  const tries = target.height === undefined ? target.size : 1;
  for (let step = 0; step < tries; step++) {
    const docket = await readIntact(target, (start + step) % target.size);
    if (docket.transactions.length > 1) return docket;
  }
  const place = target.height === undefined ? 'No docket' : `Docket ${target.height}`;
  throw new RegisterError('INVALID', `This damage needs a docket with two transactions. ${place} has so many.`);
}

/** A plan that damages one height. */
export function damageOne(action: string, change: RecordChange, ...kinds: CorruptionKind[]): DamagePlan {
  return { action, changes: [change], expected: expectAt([change.height], ...kinds) };
}

/** Expects damage of these kinds at these heights, joined to runs. */
export function expectAt(heights: readonly number[], ...kinds: CorruptionKind[]): ExpectedDamage[] {
  const expected: ExpectedDamage[] = [];
  for (const height of heights.toSorted((a, b) => a - b)) {
    const last = expected.at(-1);
    if (last !== undefined && last.to === height - 1) expected[expected.length - 1] = { ...last, to: height };
    else expected.push({ from: height, to: height, kinds });
  }
  return expected;
}

/** The heights from `from` to `to`, both inclusive. */
export function heightsFrom(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
