import { StorageError, wormSeal } from '@sorcha/storage';
import { openPostgresDatabase, toStatement } from '../postgres/connection/postgres-database.ts';
import type { PostgresOptions } from '../postgres/connection/postgres-options.ts';
import { describeGuards, toWormNames } from '../postgres/worm/worm-table.ts';
import { quoteName } from '../schema/quote-name.ts';
import type { RecordDamage } from './record-damage.ts';

/**
 * Opens a database as the owner of a write-once table, or as a superuser, to damage its records. The triggers are there again after
 * each change.
 *
 * @param options.name the name of the definition.
 */
export async function openPostgresRecordDamage(
  options: PostgresOptions & { readonly name: string },
): Promise<RecordDamage> {
  const { name, ...databaseOptions } = options;
  const database = await openPostgresDatabase(databaseOptions);
  const { schema } = database;
  const names = toWormNames(name);
  const at = (table: string) => `${quoteName(schema)}.${quoteName(table)}`;
  const records = at(names.table);

  const change = async (text: string, values: readonly unknown[]): Promise<void> =>
    database.transact('read committed', async (connection) => {
      for (const table of [names.table, ...names.partitions]) {
        await connection.run(toStatement(`alter table ${at(table)} disable trigger user`));
      }
      const { count } = await connection.run({ text, values });
      if (count === 0) {
        throw new StorageError('NOT_FOUND', `There is no such record in ${database.place}.`);
      }
      for (const statement of describeGuards(schema, names)) {
        await connection.run(toStatement(statement));
      }
    });
  const readTime = async (stream: string, sequence: number): Promise<number> => {
    const text = `select sealed_at from ${records} where stream = $1 and sequence = $2`;
    const { rows } = await database.use(async (connection) => connection.run({ text, values: [stream, sequence] }));
    return Number(rows[0]?.['sealed_at']);
  };
  const seal = (stream: string, sequence: number, bytes: Uint8Array, sealedAt: number, keepSeal = false) =>
    keepSeal ? '0'.repeat(64) : wormSeal({ stream, sequence, bytes, sealedAt });

  return {
    replace: async (stream, sequence, bytes, { keepSeal = false } = {}) => {
      const sha256 = keepSeal ? undefined : seal(stream, sequence, bytes, await readTime(stream, sequence));
      await change(
        `update ${records} set bytes = $3, sha256 = coalesce($4, sha256) where stream = $1 and sequence = $2`,
        [stream, sequence, bytes, sha256],
      );
    },
    remove: async (stream, sequence) =>
      change(`delete from ${records} where stream = $1 and sequence = $2`, [stream, sequence]),
    insert: async (stream, sequence, bytes, { keepSeal } = {}) => {
      const sealedAt = Date.now();
      const sha256 = seal(stream, sequence, bytes, sealedAt, keepSeal);
      await change(`insert into ${records} (stream, sequence, bytes, sha256, sealed_at) values ($1, $2, $3, $4, $5)`, [
        stream,
        sequence,
        bytes,
        sha256,
        sealedAt,
      ]);
    },
    close: async () => database.close(),
  };
}
