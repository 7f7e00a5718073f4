import { wrapText } from './wrap-text.ts';

const INDENT = '  ';
const MIN_TEXT_WIDTH = 20;

/** Lays out named facts, one below the other: indented, the texts aligned and wrapped to `width` with a hanging indent. */
export function formatFacts(facts: readonly (readonly [name: string, text: string])[], width: number): string[] {
  const nameWidth = Math.max(0, ...facts.map(([name]) => name.length));
  const margin = `${INDENT}${' '.repeat(nameWidth)}${INDENT}`;
  return facts.flatMap(([name, text]) =>
    wrapText(text, Math.max(MIN_TEXT_WIDTH, width - margin.length)).map((part, line) =>
      (line === 0 ? `${INDENT}${name.padEnd(nameWidth)}${INDENT}${part}` : margin + part).trimEnd(),
    ),
  );
}
