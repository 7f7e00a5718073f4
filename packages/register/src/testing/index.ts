export { createKeyPool, type KeyPool } from './create-key-pool.ts';
export { createTestLedger, DEFAULT_MIX, type TestLedgerOptions } from './create-test-ledger.ts';
export {
  bitFlip,
  breakLink,
  cutRecord,
  forgeSignature,
  rehash,
  relinkSuffix,
  withoutTransaction,
} from './tamper-record.ts';
