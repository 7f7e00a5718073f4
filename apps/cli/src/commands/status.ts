import { isRegisterId } from '@sorcha/register';
import { type CommandContext, writeResult } from '../command-context.ts';
import { chooseRegister, listForeignStreams, listRegisters } from '../data-folder/list-registers.ts';
import { openDataFolder } from '../data-folder/open-data-folder.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { formatFacts } from '../output/facts.ts';
import { formatAmount, formatBytes, formatCount } from '../output/format-number.ts';
import { formatTable } from '../output/table.ts';
import type { Terminal } from '../output/terminal.ts';
import { toPrintable } from '../output/to-printable.ts';
import {
  measureColdBytes,
  type RegisterStatus,
  readForeignStatus,
  readRegisterStatus,
} from '../register/read-status.ts';

/** `sorcha status`: what is stored and anchored. Reads counts and heads only; the contents are for `verify`. */
export async function runStatus(context: CommandContext): Promise<ExitCode> {
  const { folder, clock, registerId, terminal } = context;
  const data = await openDataFolder(folder, clock);
  try {
    const names = registerId === undefined ? await listRegisters(data) : [await chooseRegister(data, registerId)];
    const losses = [...new Set(names.flatMap((name) => data.losses(name)))];
    const registers: RegisterStatus[] = [];
    for (const name of names) {
      registers.push(await readRegisterStatus(data, name));
    }
    for (const name of registerId === undefined ? await listForeignStreams(data) : []) {
      registers.push(await readForeignStatus(data, name));
    }
    const { node, createdAt } = data.description;
    const result: StatusResult = {
      schema: 'sorcha.status/v1',
      folder,
      node,
      createdAt,
      coldBytes: measureColdBytes(data),
      losses,
      registers,
    };
    writeResult(context, result, () => describeStatus(result, terminal));
    return chooseExitCode(result);
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
  /** What the data folder lacks of what it had, a sentence each. */
  readonly losses: readonly string[];
  readonly registers: readonly RegisterStatus[];
}

/** A head that is refused is a failure as it is for `verify`, unless there is corruption as well. */
function chooseExitCode({ losses, registers }: StatusResult): ExitCode {
  const bad = registers.filter((status) => !isSound(status));
  if (losses.length === 0 && bad.every(({ state }) => state === 'refused')) {
    return bad.length === 0 ? EXIT.ok : EXIT.failure;
  }
  return EXIT.corruption;
}

const isSound = ({ state }: RegisterStatus) => state === 'complete' || state === 'interrupted';

const STATES: Readonly<Record<RegisterStatus['state'], (status: RegisterStatus) => string>> = {
  complete: ({ stored }) => (stored === 0 ? 'empty; nothing was sealed' : 'as many records as were sealed'),
  interrupted: () => 'an append was interrupted; the next one takes over what it stored',
  missing: ({ stored, anchored }) =>
    stored === 0
      ? 'MissingData: every record is missing'
      : `MissingData: ${formatAmount(Math.max(1, (anchored ?? 0) - (stored ?? 0)), 'record')} or more missing`,
  surplus: ({ register, stored, anchored }) =>
    isRegisterId(register)
      ? `${formatAmount((stored ?? 0) - (anchored ?? 0), 'record')} more than the anchored head knows; see "sorcha verify"`
      : 'records that nobody sealed: no register can have this name',
  unreadable: () => 'the records cannot be counted: the write-once store is damaged; restore it from a backup',
  refused: () => 'the anchored head cannot be used; see above',
  unanchored: () => 'the anchored head is missing; "sorcha adopt" explains',
};

function describeStatus(result: StatusResult, { data }: Terminal): string[] {
  const { folder, node, createdAt, coldBytes, losses, registers } = result;
  const table = formatTable({
    columns: [
      { title: 'Register' },
      { title: 'Stored', align: 'right' },
      { title: 'Anchored', align: 'right' },
      { title: 'State' },
    ],
    rows: registers.map((status) => [
      toPrintable(status.register),
      status.stored === null ? '?' : formatCount(status.stored),
      status.anchored === null ? '-' : formatCount(status.anchored),
      STATES[status.state](status),
    ]),
    width: data.columns - 2,
    paint: (text, { row, column }) => {
      const status = typeof row === 'number' ? registers[row] : undefined;
      const isBad = status !== undefined && !isSound(status);
      return row === 'title' ? data.style('bold', text) : isBad && column === 3 ? data.style('red', text) : text;
    },
  });
  return [
    ...formatFacts(
      [
        ['folder', folder],
        ['node', toPrintable(`${node}, since ${createdAt}`)],
        ['cold store', coldBytes === 0 ? 'missing' : formatBytes(coldBytes)],
        ...losses.map((loss): [string, string] => ['lost', loss]),
        ...registers.flatMap(({ problem }): [string, string][] =>
          problem === null ? [] : [['head', toPrintable(problem)]],
        ),
      ],
      data.columns,
    ),
    '',
    ...table.map((line) => `  ${line}`),
    '',
    'Only counts and heads were read; "sorcha verify" proves the contents.',
  ];
}
