import { displayWidth } from './display-width.js';

/** A column: its heading, whether its cells stand on the right, and what a row has in it. */
export interface Column<Row> {
  readonly heading: string;
  readonly align?: 'left' | 'right';
  readonly cell: (row: Row) => string;
}

/**
 * Rows under headings, two spaces apart, a line each. Blanks at the end of a line are those of its
 * last cell: a cell may be a name, and names keep theirs.
 */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  const all = [columns.map(({ heading }) => heading), ...cells];
  const widths = columns.map((_, at) => Math.max(...all.map((row) => displayWidth(row[at] ?? ''))));
  return all.map((row) => {
    const last = row.findLastIndex((cell) => cell !== '');
    return row
      .slice(0, last + 1)
      .map((cell, at) => {
        const space = ' '.repeat((widths[at] ?? 0) - displayWidth(cell));
        if (columns[at]?.align === 'right') return space + cell;
        return at === last ? cell : cell + space;
      })
      .join('  ');
  });
}
