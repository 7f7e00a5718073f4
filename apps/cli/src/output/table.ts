import { wrapText } from './wrap-text.ts';

/** A column of a table. */
export interface TableColumn {
  readonly title: string;
  /** Default `left`. */
  readonly align?: 'left' | 'right';
}

const GAP = '  ';
const MIN_LAST_WIDTH = 20;

/**
 * Lays out rows under their titles, one string per line. The last column is wrapped to `columns` with a hanging indent.
 * `paint` colours a cell after it was padded, so that colours never disturb the widths.
 */
export function formatTable(options: {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
  readonly width: number;
  readonly paint?: (text: string, position: { readonly row: number | 'title'; readonly column: number }) => string;
}): string[] {
  const { columns, rows, width, paint = (text) => text } = options;
  const last = columns.length - 1;
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const indent = widths.slice(0, last).reduce((sum, each) => sum + each + GAP.length, 0);
  const lastWidth = Math.max(MIN_LAST_WIDTH, width - indent);

  const layOut = (cells: readonly string[], row: number | 'title'): string[] => {
    const head = columns.slice(0, last).map((column, index) => {
      const cell = cells[index] ?? '';
      const size = widths[index] ?? 0;
      return paint(column.align === 'right' ? cell.padStart(size) : cell.padEnd(size), { row, column: index });
    });
    return wrapText(cells[last] ?? '', lastWidth).map((part, line) => {
      const tail = paint(part, { row, column: last });
      return (line === 0 ? [...head, tail].join(GAP) : ' '.repeat(indent) + tail).trimEnd();
    });
  };
  return [
    ...layOut(
      columns.map((column) => column.title),
      'title',
    ),
    ...rows.flatMap((row, index) => layOut(row, index)),
  ];
}
