export { applyDamage, type DamagedPlace, type RecordDamage } from './apply-damage.ts';
export { createKeyPool, type KeyPool } from './create-key-pool.ts';
export { createTestLedger, DEFAULT_MIX, type TestLedgerOptions } from './create-test-ledger.ts';
export { DAMAGES } from './damage-catalogue.ts';
export type { DamagePlan, DamageTarget, ExpectedDamage, NamedDamage, RecordChange } from './damages/damage.ts';
export {
  bitFlip,
  breakLink,
  cutRecord,
  forgeSignature,
  rehash,
  relinkSuffix,
  withoutTransaction,
} from './tamper-record.ts';
