import { describe, expect, it } from 'vitest';
import { type Column, formatTable } from './table.js';

describe('formatTable', () => {
  it('aligns columns, by code points, without spaces at the end', () => {
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
});
