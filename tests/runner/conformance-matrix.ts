import type { TestModule } from 'vitest/node';

/** What became of the facts of one suite on one provider. */
interface Cell {
  passed: number;
  failed: number;
  skipped: number;
}

/** The suites of `packages/storage/src/conformance` give their outermost group this name. */
const SUITE = /^(?<port>[A-Z]\w*Store) on (?<provider>.+)$/;
/** The order of the columns; other providers follow. */
const PROVIDERS = ['memory', 'sqlite', 'postgres', 'mongodb', 'redis'];
const NOT_RUN = '·';

/** Tells, line by line, how many facts of each port were shown by each provider; no lines when no suite ran. */
export function createConformanceMatrix(modules: readonly TestModule[]): string[] {
  const rows = collectCells(modules);
  if (rows.size === 0) {
    return [];
  }
  const found = new Set([...rows.values()].flatMap((cells) => Array.from(cells.keys())));
  const others = [...found].filter((provider) => !PROVIDERS.includes(provider)).sort();
  const columns = [...PROVIDERS, ...others];
  const table = [['conformance', ...columns]];
  for (const [port, cells] of [...rows].sort(([left], [right]) => left.localeCompare(right))) {
    table.push([port, ...columns.map((provider) => describeCell(cells.get(provider)))]);
  }
  const widths = (table[0] ?? []).map((_, index) => Math.max(...table.map((row) => row[index]?.length ?? 0)));
  return table.map((row) =>
    row
      .map((text, index) => (index === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[index] ?? 0)))
      .join('  '),
  );
}

/** By port, then by provider. */
function collectCells(modules: readonly TestModule[]): Map<string, Map<string, Cell>> {
  const rows = new Map<string, Map<string, Cell>>();
  for (const suite of modules.flatMap((module) => [...module.children.suites()])) {
    const { port, provider } = SUITE.exec(suite.name)?.groups ?? {};
    if (port === undefined || provider === undefined) {
      continue;
    }
    const row = rows.get(port) ?? new Map<string, Cell>();
    rows.set(port, row);
    const cell = row.get(provider) ?? { passed: 0, failed: 0, skipped: 0 };
    row.set(provider, cell);
    for (const test of suite.children.allTests()) {
      const { state } = test.result();
      cell[state === 'pending' ? 'skipped' : state] += 1;
    }
  }
  return rows;
}

function describeCell(cell: Cell | undefined): string {
  if (cell === undefined) {
    return NOT_RUN;
  }
  const failed = cell.failed > 0 ? ` ✗ ${cell.failed} failed` : '';
  const skipped = cell.skipped > 0 ? ` ! ${cell.skipped} skipped` : '';
  return `${cell.passed}${failed}${skipped}`;
}
