import { parseTransactionRecord, RegisterError, type SealedDocket } from '@sorcha/register';
import { formatAmount } from '../output/format-number.ts';
import type { WritableRegister } from './open-writable-register.ts';

/** So many times in a row another writer may be faster. */
const MAX_CONFLICTS = 100;
/** So many transactions are named when it is not known whether they are sealed. */
const MAX_NAMED = 20;

/** Seals records in the next docket; again when another writer was faster. */
export async function sealRecords(
  { register }: Pick<WritableRegister, 'register'>,
  records: readonly (string | Uint8Array)[],
): Promise<SealedDocket> {
  for (let conflicts = 0; ; conflicts++) {
    try {
      return await register.seal(records);
    } catch (error) {
      if (error instanceof RegisterError && error.code === 'OUTCOME_UNKNOWN') {
        throw explain(error, records);
      }
      const isConflict = error instanceof RegisterError && error.code === 'SEQUENCE_CONFLICT';
      if (!isConflict || conflicts === MAX_CONFLICTS) {
        throw error;
      }
    }
  }
}

/** Says how to find out with the command line what became of the docket. */
function explain(error: RegisterError, records: readonly (string | Uint8Array)[]): RegisterError {
  const ids = records.flatMap(
    (record) => parseTransactionRecord(typeof record === 'string' ? Buffer.from(record) : record).value?.id ?? [],
  );
  const rest = ids.length - MAX_NAMED;
  const named = `${ids.slice(0, MAX_NAMED).join(', ')}${rest > 0 ? ` and ${formatAmount(rest, 'more', 'more')}` : ''}`;
  const cause = error.cause instanceof Error ? ` (${error.cause.message.replace(/\.$/, '')})` : '';
  return new RegisterError(
    'OUTCOME_UNKNOWN',
    `Whether the docket is sealed is not known${cause}. Its transactions are ${named}; all of them are sealed, or none: find out with "sorcha show transaction ${ids[0] ?? '<id>'}" before you append them again.`,
    { cause: error },
  );
}
