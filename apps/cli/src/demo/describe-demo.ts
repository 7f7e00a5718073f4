import type { CorruptionRange } from '@sorcha/register';
import { describeExpected, describeFound } from '../damage/describe-findings.ts';
import { formatFacts } from '../output/facts.ts';
import { formatAmount, formatCount, formatDuration, formatHeights, formatRate } from '../output/format-number.ts';
import { shortenHashes } from '../output/shorten-hashes.ts';
import { formatTable } from '../output/table.ts';
import type { Output } from '../output/terminal.ts';
import { toPrintable } from '../output/to-printable.ts';
import { wrapText } from '../output/wrap-text.ts';
import type { VerifyResult } from '../verification/verify-result.ts';
import type { DamageOutcome } from './damage-outcome.ts';

/** The verification of the intact register, in lines for a person. */
export function describeIntact(result: VerifyResult, data: Output): string[] {
  const { signatures, durationMs, signaturesPerSecond, rawSignaturesPerSecond } = result;
  const raw =
    rawSignaturesPerSecond === null ? '' : ` (the bare engine on one thread: ${formatRate(rawSignaturesPerSecond)})`;
  return formatFacts(
    [
      [
        'found',
        result.isProven ? `nothing wrong: all ${formatAmount(result.totalDockets, 'docket')} are proven` : 'damage',
      ],
      [
        'rate',
        `${formatCount(signatures)} signatures in ${formatDuration(durationMs)}: ${formatRate(signaturesPerSecond)}${raw}`,
      ],
    ],
    data.columns,
  );
}

/** One damage and what became of it, in lines for a person. */
export function describeOutcome(outcome: DamageOutcome, number: string, data: Output): string[] {
  const { damage, description, action, expected, found, isAsExpected } = outcome;
  const [first = '', ...rest] = wrapText(`${number} ${damage}: ${description}`, data.columns);
  const verdict = isAsExpected ? 'that, and nothing else' : `NOT as expected, which was ${describeExpected(expected)}`;
  return [
    first.replace(damage, data.style('bold', damage)),
    ...rest,
    ...formatFacts(
      [
        ['done', action],
        ['found', `${describeFirst(found)} (${verdict})`],
        ['served', describeServing(outcome)],
      ],
      data.columns,
    ),
    '',
  ];
}

/** The first range with its reason, and how many more there are. */
function describeFirst(found: readonly CorruptionRange[]): string {
  const [first, ...more] = found;
  if (first === undefined) {
    return 'nothing';
  }
  const { from, to, kind, detail } = first;
  const reason = shortenHashes(toPrintable(detail));
  const rest = more.length === 0 ? '' : `; ${describeFound(more)}`;
  return `${from === to ? 'docket' : 'dockets'} ${formatHeights(from, to)} ${kind}: ${reason}${rest}`;
}

function describeServing({ served, refused, wrong, isSealRefused }: DamageOutcome): string {
  const total = formatCount(served + refused);
  const equal =
    served === 0
      ? `none of ${total} dockets`
      : `${formatCount(served)} of ${total} dockets, each equal to the original`;
  const withheld = refused === 0 ? '' : `; ${formatCount(refused)} refused`;
  const sealing = isSealRefused ? '' : '; it could STILL BE SEALED on top';
  return wrong > 0
    ? `${formatAmount(wrong, 'docket')} WRONGLY served or refused${sealing}`
    : equal + withheld + sealing;
}

/** All damages at a glance, and the conclusion. */
export function describeSummary(outcomes: readonly DamageOutcome[], data: Output): string[] {
  const right = outcomes.filter(({ isAsExpected }) => isAsExpected).length;
  const table = formatTable({
    columns: [
      { title: 'Damage' },
      { title: 'Served', align: 'right' },
      { title: 'Time', align: 'right' },
      { title: 'Right' },
      { title: 'Found' },
    ],
    rows: outcomes.map(({ damage, found, served, verificationMs, isAsExpected }) => [
      damage,
      formatCount(served),
      formatDuration(verificationMs),
      isAsExpected ? 'yes' : 'NO',
      describeFound(found),
    ]),
    width: data.columns,
    paint: (text, { row, column }) =>
      row === 'title'
        ? data.style('bold', text)
        : column === 3
          ? data.style(text.startsWith('yes') ? 'green' : 'red', text)
          : text,
  });
  const conclusion =
    right === outcomes.length
      ? `All ${right} damages were found exactly where they were done, no damaged docket was served, no intact one was withheld, and nothing could be sealed on top of the damage.`
      : `${outcomes.length - right} of ${outcomes.length} damages were NOT found as expected: this is a defect of sorcha, please report it.`;
  const style = right === outcomes.length ? 'green' : 'red';
  return [...table, '', ...wrapText(conclusion, data.columns).map((line) => data.style([style, 'bold'], line))];
}
