import { describe, expect, it } from 'vitest';
import { formatTable } from './table.js';

describe('formatTable', () => {
  it('aligns columns, by code points, without spaces at the end', () => {
    const columns = [{ heading: 'name' }, { heading: 'size', align: 'right' as const }];
    expect(
      formatTable(columns, [
        ['straße', '7'],
        ['x', '1000'],
      ]),
    ).toEqual(['name    size', 'straße     7', 'x       1000']);
    expect(formatTable([{ heading: 'a' }, { heading: 'b' }], [['1', '']])).toEqual(['a  b', '1']);
  });
});
