import { DatabaseSync } from 'node:sqlite';
import { StorageError, type WormRecord, wormSeal } from '@sorcha/storage';
import { checkDatabaseFile } from '../sqlite/check-database-file.ts';
import { mapSqliteError } from '../sqlite/map-sqlite-error.ts';
import { describeWormTable } from '../sqlite/worm/worm-table.ts';
import type { RecordDamage } from './record-damage.ts';

/**
 * Opens a database file to damage the records of one definition, whose table must exist. The triggers are there again after
 * each change.
 *
 * @param options.name the name of the definition.
 */
export async function openSqliteRecordDamage(options: {
  readonly file: string;
  readonly name: string;
}): Promise<RecordDamage> {
  const file = await checkDatabaseFile(options.file, { readOnly: true });
  const table = describeWormTable(options.name);
  const connection = new DatabaseSync(file, { timeout: 5_000 });

  const change = async (work: () => void): Promise<void> => {
    try {
      connection.exec('begin immediate');
      for (const { name } of table.triggers) {
        connection.exec(`drop trigger if exists ${name}`);
      }
      work();
      for (const { createSql } of table.triggers) {
        connection.exec(createSql);
      }
      connection.exec('commit');
    } catch (error) {
      throw mapSqliteError(error, file);
    } finally {
      if (connection.isTransaction) {
        connection.exec('rollback');
      }
    }
  };
  const run = (sql: string, ...values: (string | number | Uint8Array)[]) => {
    const { changes } = connection.prepare(sql).run(...values);
    if (changes === 0) {
      throw new StorageError('NOT_FOUND', `There is no such record in "${file}".`);
    }
  };
  const at = 'where stream = ? and sequence = ?';
  const readTime = (stream: string, sequence: number): number =>
    Number(connection.prepare(`select sealed_at from ${table.name} ${at}`).get(stream, sequence)?.['sealed_at']);
  const seal = (record: Omit<WormRecord, 'sha256'>, keepSeal = false) => (keepSeal ? '0'.repeat(64) : wormSeal(record));

  return {
    replace: async (stream, sequence, bytes, { keepSeal = false } = {}) =>
      change(() => {
        run(`update ${table.name} set text = cast(? as text) ${at}`, bytes, stream, sequence);
        if (!keepSeal) {
          const sealedAt = readTime(stream, sequence);
          run(
            `update ${table.name} set sha256 = ? ${at}`,
            wormSeal({ stream, sequence, bytes, sealedAt }),
            stream,
            sequence,
          );
        }
      }),
    remove: async (stream, sequence) => change(() => run(`delete from ${table.name} ${at}`, stream, sequence)),
    insert: async (stream, sequence, bytes, { keepSeal } = {}) =>
      change(() => {
        const sealedAt = Date.now();
        const sha256 = seal({ stream, sequence, bytes, sealedAt }, keepSeal);
        const values = [stream, sequence, bytes, sha256, sealedAt] as const;
        run(
          `insert into ${table.name} (stream, sequence, text, sha256, sealed_at) values (?, ?, cast(? as text), ?, ?)`,
          ...values,
        );
      }),
    close: async () => connection.close(),
  };
}
