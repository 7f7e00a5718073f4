import { diagnose, type Finding } from '@sorcha/service-kit';
import { waitWithSignal } from '@sorcha/storage/provider';
import { type CommandContext, writeResult } from '../command-context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatTable } from '../output/table.ts';
import { toPrintable } from '../output/to-printable.ts';

const MARKS = { pass: 'ok', warn: 'warn', fail: 'FAIL' } as const;
const COLOURS = { pass: 'green', warn: 'yellow', fail: 'red' } as const;

/** `sorcha doctor`: checks a storage configuration against reality. */
export async function runDoctor(
  context: CommandContext,
  options: { readonly config?: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<ExitCode> {
  const { config, env } = options;
  const asked = diagnose({ ...(config === undefined ? {} : { file: config }), environment: env });
  const findings = await waitWithSignal(asked, context.signal);
  const failed = findings.filter(({ status }) => status === 'fail').length;
  const result = { schema: 'sorcha.doctor/v1', isUsable: failed === 0, findings };
  writeResult(context, result, () => describe(context, findings, failed));
  return failed === 0 ? EXIT.ok : EXIT.failure;
}

function describe({ terminal }: CommandContext, findings: readonly Finding[], failed: number): string[] {
  const { data } = terminal;
  const table = formatTable({
    columns: [{ title: '' }, { title: 'what' }, { title: 'found' }],
    // Names come from the file, details also from servers.
    rows: findings.map(({ name, status, detail, fix }) => [
      MARKS[status],
      toPrintable(name),
      toPrintable(fix === undefined ? detail : `${detail}; ${fix}`),
    ]),
    width: data.columns,
    paint: (text, { row, column }) => {
      const status = row === 'title' ? undefined : findings[row]?.status;
      return column === 0 && status !== undefined ? data.style(COLOURS[status], text) : text;
    },
  });
  const verdict =
    failed === 0
      ? 'The storage can be used as it is configured.'
      : `The storage cannot be used as it is configured: ${failed} of ${findings.length} checks failed.`;
  return [...table, '', verdict];
}
