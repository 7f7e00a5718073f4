export {
  openSqliteRecordDamage,
  type RecordDamageOptions,
  type SqliteRecordDamage,
} from './open-sqlite-record-damage.ts';
