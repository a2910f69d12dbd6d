import { describe, expect, it } from 'vitest';
import { Random } from '../random.js';
import { type Cell, cellsOf, type MatrixRow, sampleOf } from './cell.js';

const NEMESES = ['none', 'kill', 'pause', 'clock', 'disk', 'damage', 'action'];
/** Of different lengths, as systems refuse some faults. */
const ROWS: readonly MatrixRow[] = [
  { suite: 'a', workload: 'set', nemeses: NEMESES },
  { suite: 'a', workload: 'names', nemeses: NEMESES },
  { suite: 'b', workload: 'set', nemeses: NEMESES.slice(0, 3) },
  { suite: 'c', workload: 'set', nemeses: ['none'] },
];

describe('the cells of a matrix', () => {
  it('are every row under each of its nemeses, with seeds by their places', () => {
    const cells = cellsOf(ROWS, 40);
    expect(cells).toHaveLength(18);
    expect(cells[0]).toEqual({ suite: 'a', workload: 'set', nemesis: 'none', seed: 40 });
    expect(cells[7]).toEqual({ suite: 'a', workload: 'names', nemesis: 'none', seed: 47 });
    expect(cells[17]).toEqual({ suite: 'c', workload: 'set', nemesis: 'none', seed: 57 });
  });

  it('are sampled so that each row and each nemesis comes, in their order', () => {
    const cells = cellsOf(ROWS, 1);
    const rowsOf = (sample: readonly Cell[]) =>
      new Set(sample.map(({ suite, workload }) => `${suite} ${workload}`));
    const nemesesOf = (sample: readonly Cell[]) => new Set(sample.map(({ nemesis }) => nemesis));
    for (let seed = 0; seed < 200; seed++) {
      const sample = sampleOf(cells, ROWS.length + NEMESES.length, new Random(seed));
      expect(sample).toHaveLength(ROWS.length + NEMESES.length);
      expect(rowsOf(sample).size, `seed ${seed}`).toBe(ROWS.length);
      expect(nemesesOf(sample).size, `seed ${seed}`).toBe(NEMESES.length);
      expect(sample).toEqual(cells.filter((cell) => sample.includes(cell)));
    }
  });

  it('are sampled by the seed alone, and are all where there are no more', () => {
    const cells = cellsOf(ROWS, 1);
    expect(sampleOf(cells, 6, new Random(3))).toEqual(sampleOf(cells, 6, new Random(3)));
    expect(sampleOf(cells, 6, new Random(4))).not.toEqual(sampleOf(cells, 6, new Random(3)));
    expect(sampleOf(cells, 100, new Random(3))).toEqual(cells);
  });
});
