import type { Docket, Transaction } from '@sorcha/register';
import { formatFacts } from './facts.ts';
import { formatAmount, formatTime } from './format-number.ts';
import { formatTable } from './table.ts';
import type { Output } from './terminal.ts';
import { toPrintable } from './to-printable.ts';

const MAX_ROWS = 50;
const MAX_COLUMNS = 160;
/** Number, full id (so that it can be copied) and key take so much, gaps included. */
const COLUMNS_BEFORE_PAYLOADS = 82;
const MIN_PAYLOAD_COLUMNS = 20;
/** What stands before payloads on a line of their own. */
const BELOW = '       ';

/** A docket in lines for a person: its header, and each transaction with its payloads, beside or below it as there is room. */
export function describeDocket({ header, hash, transactions }: Docket, data: Output): string[] {
  const shown = transactions.slice(0, MAX_ROWS);
  const rest = transactions.length - shown.length;
  const room = Math.min(data.columns, MAX_COLUMNS) - COLUMNS_BEFORE_PAYLOADS;
  const hasRoom = room >= MIN_PAYLOAD_COLUMNS;
  const columns = [{ title: '#', align: 'right' as const }, { title: 'Transaction' }, { title: 'Key' }];
  const toCells = ({ id, body }: Transaction, index: number) => [String(index), id, body.signer.algorithm];
  const toPayloads = ({ body }: Transaction) =>
    shorten(JSON.stringify(body.payloads).slice(1, -1), hasRoom ? room : data.columns - BELOW.length);
  const table = formatTable({
    columns: hasRoom ? [...columns, { title: 'Payloads' }] : columns,
    rows: shown.map((transaction, index) =>
      hasRoom ? toCells(transaction, index).concat(toPayloads(transaction)) : toCells(transaction, index),
    ),
    width: Number.POSITIVE_INFINITY,
    paint: (text, { row }) => (row === 'title' ? data.style('bold', text) : text),
  });
  return [
    data.style('bold', `Docket ${header.height} of register "${header.registerId}"`),
    ...formatFacts(
      [
        ['hash', hash],
        ['previous', header.previousHash],
        ['root', header.transactionsRoot],
        ['sealed', formatTime(header.timestamp)],
        ['holds', formatAmount(transactions.length, 'transaction')],
      ],
      data.columns,
    ),
    '',
    ...table.flatMap((line, index) => {
      const transaction = hasRoom ? undefined : shown[index - 1];
      return transaction === undefined ? `  ${line}` : [`  ${line}`, `${BELOW}${toPayloads(transaction)}`];
    }),
    ...(rest > 0 ? [`  ... and ${formatAmount(rest, 'more', 'more')}; --json and --raw print all of them`] : []),
  ];
}

/** A transaction in lines for a person. */
export function describeTransaction(
  { id, body }: Transaction,
  place: { readonly register: string; readonly height: number; readonly index: number },
  data: Output,
): string[] {
  const json = (value: unknown) => toPrintable(JSON.stringify(value));
  return [
    data.style('bold', `Transaction ${id}`),
    ...formatFacts(
      [
        ['sealed in', `docket ${place.height} of register "${place.register}", place ${place.index}`],
        ['sender', body.sender],
        ['signed with', body.signer.algorithm],
        ['signed at', formatTime(body.timestamp)],
        ['recipients', body.recipients.length === 0 ? 'none' : body.recipients.join(' ')],
        ['follows', body.previousTransactionId ?? 'none'],
        ['metadata', json(body.metadata)],
        ...body.payloads.map((payload, index): [string, string] => [`payload ${index}`, json(payload)]),
      ],
      data.columns,
    ),
  ];
}

/** One line of payloads; what does not fit is cut. */
function shorten(text: string, room: number): string {
  const printable = toPrintable(text);
  return printable.length <= room ? printable : `${printable.slice(0, room - 3)}...`;
}
