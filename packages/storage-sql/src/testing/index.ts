export { openPostgresRecordDamage } from './open-postgres-record-damage.ts';
export { openSqliteRecordDamage } from './open-sqlite-record-damage.ts';
export type { RecordDamage, RecordDamageOptions } from './record-damage.ts';
