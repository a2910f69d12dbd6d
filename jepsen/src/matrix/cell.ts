import type { Random } from '../random.js';

/** Stands for no fault at all. */
export const NO_NEMESIS = 'none';

/** One test of a matrix: a workload on a system under faults. */
export interface Cell {
  readonly suite: string;
  readonly workload: string;
  /** Names with + in between, or `none`. */
  readonly nemesis: string;
  /** By its place in the whole matrix: the same whatever else is run. */
  readonly seed: number;
}

/** A row of a matrix: what is tested, and what strikes it. */
export interface MatrixRow {
  readonly suite: string;
  readonly workload: string;
  readonly nemeses: readonly string[];
}

/** Every workload under each of its nemeses, row by row. */
export function cellsOf(rows: readonly MatrixRow[], firstSeed: number): readonly Cell[] {
  return rows
    .flatMap(({ nemeses, ...row }) => nemeses.map((nemesis) => ({ ...row, nemesis })))
    .map((cell, place) => ({ ...cell, seed: firstSeed + place }));
}

/**
 * So many of the cells, in their order, drawn so that each row and each nemesis comes once before any of its kind
 * comes again, as far as there are such cells.
 */
export function sampleOf(cells: readonly Cell[], count: number, random: Random): readonly Cell[] {
  const uses = new Map<string, number>();
  const namesOf = ({ suite, workload, nemesis }: Cell) => [`${suite} ${workload}`, nemesis];
  /** A row or nemesis that came less often than others counts more than anything else. */
  const wornOf = (cell: Cell) => {
    const counts = namesOf(cell).map((name) => uses.get(name) ?? 0);
    return Math.min(...counts) * (count + 1) + Math.max(...counts);
  };
  const left = new Set(random.shuffle(cells));
  const chosen = new Set<Cell>();
  while (chosen.size < count && left.size > 0) {
    const cell = [...left].reduce((least, other) =>
      wornOf(other) < wornOf(least) ? other : least,
    );
    left.delete(cell);
    chosen.add(cell);
    for (const name of namesOf(cell)) uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  return cells.filter((cell) => chosen.has(cell));
}
