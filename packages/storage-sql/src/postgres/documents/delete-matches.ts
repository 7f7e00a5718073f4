import type { CallOptions } from '@sorcha/storage';
import type { RowFilter, RowSource } from '../rows/row-source.ts';
import { selectRows } from '../rows/select-rows.ts';
import type { RunCalls, Session } from '../rows/session.ts';
import type { StatementInput } from '../statements/statement-cache.ts';
import type { DocumentStatements } from './document-statements.ts';

/** How many keys one statement removes. */
const DELETE_DOCUMENTS = 10_000;

/**
 * Removes the documents that match and says how many there were: in one statement where SQL decides, else those that the
 * evaluator finds, none of which may have changed meanwhile.
 */
export async function deleteMatches<D>(
  parts: { readonly calls: RunCalls; readonly source: RowSource<D>; readonly statements: DocumentStatements },
  filter: RowFilter,
  options: CallOptions | undefined,
): Promise<number> {
  const { calls, source, statements } = parts;
  const { test } = filter;
  if (test === undefined) {
    const remove = async (session: Session) => session.execute(deleteRows(session.schema, source.table, filter));
    return (await calls.write(remove, 'impossible', options)).count;
  }
  const removeFound = async (session: Session) => {
    const ids: unknown[] = [];
    for await (const cells of session.stream(
      selectRows(session.schema, source, { filter, order: [], limit: undefined }),
    )) {
      if (test(cells)) {
        ids.push(cells[source.key.index]);
      }
    }
    for (let start = 0; start < ids.length; start += DELETE_DOCUMENTS) {
      await session.execute(statements.deleteAll(session.schema, ids.slice(start, start + DELETE_DOCUMENTS)));
    }
    return ids.length;
  };
  return calls.transact('one moment', removeFound, options);
}

function deleteRows(schema: string, table: string, { condition }: RowFilter): StatementInput {
  return {
    schema,
    table,
    kind: 'deleteMany',
    parts: [condition],
    build: ({ db, part }) => db.withSchema(schema).deleteFrom(table).where(part<boolean>(0)),
  };
}
