import { formatFacts } from '../output/facts.ts';
import { formatAmount, formatCount, formatDuration, formatHeights, formatRate } from '../output/format-number.ts';
import { shortenHashes } from '../output/shorten-hashes.ts';
import { formatTable } from '../output/table.ts';
import type { Style, Terminal } from '../output/terminal.ts';
import { toPrintable } from '../output/to-printable.ts';
import { wrapText } from '../output/wrap-text.ts';
import type { VerifyResult } from './verify-result.ts';

const MAX_ROWS = 25;
/** Fewer signatures are checked before the program runs at its full speed. */
const MIN_COMPARABLE = 1_000;

const ANCHOR: Readonly<Record<VerifyResult['anchor'], string>> = {
  fresh: 'none yet; the first docket brings it',
  matched: 'matches what is stored',
  extended: 'matches; above it lie dockets of an interrupted append, which the next append takes over',
  damaged: 'does not match what is stored',
  absent: 'is missing; "sorcha adopt" explains',
};

/** The result of a verification, in lines for a person. */
export function describeVerification(result: VerifyResult, terminal: Terminal): string[] {
  return [
    ...describeVerdict(result, terminal),
    ...(result.ranges.length === 0 ? [] : ['', ...describeRanges(result, terminal)]),
    '',
    ...describeFigures(result, terminal),
  ];
}

function describeVerdict(result: VerifyResult, { data }: Terminal): string[] {
  const verdict = result.isProven ? 'PROVEN' : 'NOT PROVEN';
  const text = result.isProven ? describeProven(result) : describeUnproven(result);
  const [first = '', ...rest] = wrapText(`${verdict}: ${text}`, data.columns);
  const style: Style[] = [result.isProven ? 'green' : 'red', 'bold'];
  return [data.style(style, verdict) + first.slice(verdict.length), ...rest];
}

function describeProven({ register, totalDockets }: VerifyResult): string {
  if (totalDockets === 0) {
    return `Register "${register}" is empty, and nothing was ever sealed in it.`;
  }
  return totalDockets === 1
    ? `The one docket of register "${register}" is what was sealed.`
    : `All ${formatCount(totalDockets)} dockets of register "${register}" are what was sealed.`;
}

function describeUnproven({ register, totalDockets, verifiedDockets, ranges, anchor }: VerifyResult): string {
  const missing = totalDockets - verifiedDockets;
  if (missing > 0) {
    const rest = verifiedDockets === 0 ? '' : `; the other ${formatCount(verifiedDockets)} are proven`;
    return `${formatCount(missing)} of ${formatAmount(totalDockets, 'docket')} of register "${register}" cannot be trusted${rest}.`;
  }
  if (anchor === 'absent') {
    return `Register "${register}" is sound in itself, but without its anchored head nothing shows that it is the one that was sealed, or all of it.`;
  }
  const strays = ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  return `What was sealed in register "${register}" is proven, but ${formatAmount(strays, 'docket')} that nobody sealed ${strays === 1 ? 'lies' : 'lie'} above it.`;
}

function describeRanges({ ranges }: VerifyResult, { data }: Terminal): string[] {
  const shown = ranges.slice(0, MAX_ROWS);
  const lines = formatTable({
    columns: [
      { title: 'Heights', align: 'right' },
      { title: 'Dockets', align: 'right' },
      { title: 'Kind' },
      { title: 'What was found' },
    ],
    rows: shown.map(({ from, to, kind, detail }) => [
      formatHeights(from, to),
      formatCount(to - from + 1),
      kind,
      shortenHashes(toPrintable(detail)),
    ]),
    width: data.columns - 2,
    paint: (text, { row, column }) =>
      row === 'title' ? data.style('bold', text) : column === 2 ? data.style('red', text) : text,
  });
  const rest = ranges.length - shown.length;
  return [
    ...lines.map((line) => `  ${line}`),
    ...(rest > 0 ? [`  ... and ${formatAmount(rest, 'more range', 'more ranges')}; --json lists all of them`] : []),
  ];
}

function describeFigures(result: VerifyResult, { data }: Terminal): string[] {
  const { durationMs, docketsPerSecond, signatures, signaturesPerSecond, rawSignaturesPerSecond, ratio } = result;
  const rows: [string, string][] = [
    [
      'dockets',
      `${formatCount(result.verifiedDockets)} of ${formatCount(result.totalDockets)} proven, with ${formatAmount(result.transactions, 'transaction')}`,
    ],
    ['anchored head', ANCHOR[result.anchor]],
    ['time', `${formatDuration(durationMs)}, ${formatRate(docketsPerSecond, 'dockets')}`],
    ['signatures', `${formatCount(signatures)} checked, ${formatRate(signaturesPerSecond)}`],
  ];
  if (rawSignaturesPerSecond !== null && ratio !== null) {
    const share = `; the verification of everything ran at ${(ratio * 100).toFixed(0)}% of that`;
    const text = `${formatRate(rawSignaturesPerSecond)} on one thread with the same keys`;
    rows.push(['bare crypto', signatures < MIN_COMPARABLE ? text : text + share]);
  }
  return formatFacts(rows, data.columns);
}
