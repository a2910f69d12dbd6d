import { displayWidth } from '../display-names.js';

/** A column: its heading, whether its cells stand on the right, and what a row has in it. */
export interface Column<Row> {
  readonly heading: string;
  readonly align?: 'left' | 'right';
  readonly cell: (row: Row) => string;
}

/** Rows under headings, two spaces apart; a line each, without spaces at the end. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  const all = [columns.map(({ heading }) => heading), ...cells];
  const widths = columns.map((_, at) => Math.max(...all.map((row) => displayWidth(row[at] ?? ''))));
  return all.map((row) =>
    columns
      .map(({ align }, at) => {
        const cell = row[at] ?? '';
        const space = ' '.repeat(Math.max(0, (widths[at] ?? 0) - displayWidth(cell)));
        return align === 'right' ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd(),
  );
}
