import { describe, expect, it } from 'vitest';
import { type Column, formatTable } from './table.js';

describe('formatTable', () => {
  it('aligns columns, without spaces of its own at the end', () => {
    const columns: readonly Column<readonly [string, string]>[] = [
      { heading: 'name', cell: ([name]) => name },
      { heading: 'size', align: 'right', cell: ([, size]) => size },
    ];
    expect(
      formatTable(columns, [
        ['straße', '7'],
        ['x', '1000'],
      ]),
    ).toEqual(['name    size', 'straße     7', 'x       1000']);
    const plain: readonly Column<string>[] = [
      { heading: 'a', cell: (text) => text },
      { heading: 'b', cell: () => '' },
    ];
    expect(formatTable(plain, ['1'])).toEqual(['a  b', '1']);
  });

  it('keeps the blanks of a cell that ends a line, and aligns wide characters', () => {
    const columns: readonly Column<readonly [string, string]>[] = [
      { heading: '', cell: ([owner]) => owner },
      { heading: '', cell: ([, name]) => name },
    ];
    const rows = [
      ['山田', 'a'],
      ['root', 'a '],
      ['cafe\u0301', ' \u3000'],
    ] as const;
    expect(formatTable(columns, rows).slice(1)).toEqual([
      '山田  a',
      'root  a ',
      'cafe\u0301   \u3000',
    ]);
  });
});
