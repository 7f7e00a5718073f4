import type { CorruptionRange } from '@sorcha/register';
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
  fresh: 'none',
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

/** How each verdict is told. */
const VERDICTS: Readonly<
  Record<VerifyResult['verdict'], { title: string; colour: Style; toText: (result: VerifyResult) => string }>
> = {
  proven: { title: 'PROVEN', colour: 'green', toText: describeProven },
  empty: { title: 'EMPTY', colour: 'yellow', toText: describeEmpty },
  unproven: { title: 'NOT PROVEN', colour: 'red', toText: describeUnproven },
};

function describeVerdict(result: VerifyResult, { data }: Terminal): string[] {
  const { title, colour, toText } = VERDICTS[result.verdict];
  const [first = '', ...rest] = wrapText(`${title}: ${toText(result)}`, data.columns);
  return [data.style([colour, 'bold'], title) + first.slice(title.length), ...rest];
}

function describeEmpty({ register, otherRegisters }: VerifyResult): string {
  return `Nothing was sealed in register "${register}" yet, so there is nothing to prove.${describeOthers(otherRegisters)}`;
}

function describeOthers(registers: readonly string[]): string {
  return registers.length === 0 ? '' : ` Other registers of this folder, see --register: ${registers.join(', ')}.`;
}

function describeProven({ register, totalDockets }: VerifyResult): string {
  return totalDockets === 1
    ? `The one docket of register "${register}" is what was sealed.`
    : `All ${formatCount(totalDockets)} dockets of register "${register}" are what was sealed.`;
}

function describeUnproven(result: VerifyResult): string {
  const { register, totalDockets, verifiedDockets, ranges, anchor, otherRegisters } = result;
  const missing = totalDockets - verifiedDockets;
  if (missing > 0) {
    const rest = verifiedDockets === 0 ? '' : `; the other ${formatCount(verifiedDockets)} are proven`;
    return `${formatCount(missing)} of ${formatAmount(totalDockets, 'docket')} of register "${register}" cannot be trusted${rest}.`;
  }
  if (anchor === 'absent') {
    return `Register "${register}" is sound in itself, but without its anchored head nothing shows that it is the one that was sealed, or all of it.`;
  }
  const strays = countDockets(ranges);
  if (strays === 0) {
    return `Register "${register}" is empty, but not as a new one is: a part of the data folder was lost.${describeOthers(otherRegisters)}`;
  }
  const above = `above it ${strays === 1 ? 'lies' : 'lie'} ${formatAmount(strays, 'docket')} unknown to the anchored head`;
  return `What the anchored head of register "${register}" covers is proven, but ${above}. ${STRAYS_ADVICE}`;
}

/** Dockets above the head are those of a stranger, or of a writer whose newer head was lost. */
export const STRAYS_ADVICE =
  'If anchors/ is from an older backup than cold/, put the newer anchors/ back (without one, move the folder of the register in it away, and see "sorcha adopt"); otherwise somebody else wrote to cold/: restore it from a backup.';

/** How many heights lie in ranges. */
export function countDockets(ranges: readonly CorruptionRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
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
    ...result.losses.map((loss): [string, string] => ['lost', loss]),
    ['time', `${formatDuration(durationMs)}, ${formatRate(docketsPerSecond, 'dockets')}`],
    [
      'signatures',
      `${formatCount(signatures)} checked, ${formatRate(signaturesPerSecond)} (Ed25519 by ${result.engine})`,
    ],
  ];
  if (rawSignaturesPerSecond !== null && ratio !== null) {
    const share = `; the verification of everything ran at ${(ratio * 100).toFixed(0)}% of that`;
    const text = `${formatRate(rawSignaturesPerSecond)} on one thread with the same keys`;
    rows.push(['bare engine', signatures < MIN_COMPARABLE ? text : text + share]);
  }
  return formatFacts(rows, data.columns);
}
