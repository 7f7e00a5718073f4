import { type CommandContext, writeResult } from '../command-context.ts';
import { chooseRegister, listRegisters, openDataFolder } from '../data-folder/open-data-folder.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatFacts } from '../output/facts.ts';
import { formatAmount, formatBytes, formatCount } from '../output/format-number.ts';
import { formatTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { measureColdBytes, type RegisterStatus, readRegisterStatus } from '../register/read-status.ts';

/** `sorcha status`: what is stored and anchored. Reads counts and heads only; the contents are for `verify`. */
export async function runStatus(context: CommandContext): Promise<ExitCode> {
  const { folder, clock, registerId, terminal } = context;
  const data = await openDataFolder(folder, { isReadOnly: true, clock });
  try {
    const names = registerId === undefined ? await listRegisters(data) : [await chooseRegister(data, registerId)];
    const registers: RegisterStatus[] = [];
    for (const name of names) {
      registers.push(await readRegisterStatus(data, name));
    }
    const { node, createdAt } = data.description;
    const result: StatusResult = {
      schema: 'sorcha.status/v1',
      folder,
      node,
      createdAt,
      coldBytes: measureColdBytes(data),
      registers,
    };
    writeResult(context, result, () => describeStatus(result, terminal));
    return registers.every(({ state }) => state === 'complete' || state === 'interrupted') ? EXIT.ok : EXIT.corruption;
  } finally {
    await data.close();
  }
}

interface StatusResult {
  readonly schema: 'sorcha.status/v1';
  readonly folder: string;
  readonly node: string;
  readonly createdAt: string;
  readonly coldBytes: number;
  readonly registers: readonly RegisterStatus[];
}

const STATES: Readonly<Record<RegisterStatus['state'], (status: RegisterStatus) => string>> = {
  complete: () => 'as many records as were sealed',
  interrupted: () => 'an append was interrupted; the next one takes over what it stored',
  missing: ({ stored, anchored }) =>
    stored === 0
      ? 'MissingData: every record is missing'
      : `MissingData: ${formatAmount(Math.max(1, (anchored ?? 0) - stored), 'record')} or more missing`,
  surplus: ({ stored, anchored }) => `${formatAmount(stored - (anchored ?? 0), 'record')} that nobody sealed`,
  unanchored: () => 'the anchored head is missing; "sorcha adopt" explains',
};

function describeStatus(result: StatusResult, { data }: Terminal): string[] {
  const { folder, node, createdAt, coldBytes, registers } = result;
  const table = formatTable({
    columns: [
      { title: 'Register' },
      { title: 'Stored', align: 'right' },
      { title: 'Anchored', align: 'right' },
      { title: 'State' },
    ],
    rows: registers.map((status) => [
      status.register,
      formatCount(status.stored),
      status.anchored === null ? '-' : formatCount(status.anchored),
      STATES[status.state](status),
    ]),
    width: data.columns - 2,
    paint: (text, { row, column }) => {
      const state = typeof row === 'number' ? registers[row]?.state : undefined;
      const isBad = state !== undefined && state !== 'complete' && state !== 'interrupted';
      return row === 'title' ? data.style('bold', text) : isBad && column === 3 ? data.style('red', text) : text;
    },
  });
  return [
    ...formatFacts(
      [
        ['folder', folder],
        ['node', `${node}, since ${createdAt}`],
        ['cold store', coldBytes === 0 ? 'missing' : formatBytes(coldBytes)],
      ],
      data.columns,
    ),
    '',
    ...table.map((line) => `  ${line}`),
    '',
    'Only counts and heads were read; "sorcha verify" proves the contents.',
  ];
}
