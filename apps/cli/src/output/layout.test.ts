import { describe, expect, it } from 'vitest';
import { formatFacts } from './facts.ts';
import { formatTable } from './table.ts';
import { wrapText } from './wrap-text.ts';

describe('wrapText', () => {
  it('breaks at spaces and never within a word', () => {
    expect(wrapText('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapText('a incomprehensibilities b', 5)).toEqual(['a', 'incomprehensibilities', 'b']);
  });

  it('leaves text alone where nothing limits it', () => {
    expect(wrapText('one two three', Number.POSITIVE_INFINITY)).toEqual(['one two three']);
  });

  it('makes one empty line of empty text', () => {
    expect(wrapText('', 10)).toEqual(['']);
  });
});

describe('formatTable', () => {
  const columns = [{ title: 'Heights', align: 'right' as const }, { title: 'Kind' }, { title: 'What was found' }];

  it('aligns columns under their titles', () => {
    const rows = [
      ['7', 'Forked', 'one'],
      ['1000-1999', 'MissingData', 'two'],
    ];
    expect(formatTable({ columns, rows, width: Number.POSITIVE_INFINITY })).toEqual([
      '  Heights  Kind         What was found',
      '        7  Forked       one',
      '1000-1999  MissingData  two',
    ]);
  });

  it('wraps the last column below itself', () => {
    const rows = [['7', 'Forked', 'the docket is not the one that was sealed']];
    expect(formatTable({ columns, rows, width: 38 })).toEqual([
      'Heights  Kind    What was found',
      '      7  Forked  the docket is not the',
      '                 one that was sealed',
    ]);
  });

  it('paints cells without disturbing their widths', () => {
    const lines = formatTable({
      columns,
      rows: [['7', 'Forked', 'one']],
      width: Number.POSITIVE_INFINITY,
      paint: (text, { row, column }) => (row === 0 && column === 1 ? `<${text}>` : text),
    });
    expect(lines).toEqual(['Heights  Kind    What was found', '      7  <Forked>  one']);
  });
});

describe('formatFacts', () => {
  it('aligns the texts and wraps them below themselves', () => {
    const facts = [
      ['time', '1.4 s'],
      ['bare crypto', 'a rate with the same keys'],
    ] as const;
    expect(formatFacts(facts, 36)).toEqual([
      '  time         1.4 s',
      '  bare crypto  a rate with the same',
      '               keys',
    ]);
  });
});
