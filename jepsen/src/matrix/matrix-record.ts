import { MATRIX_FILE, MATRIX_PAGE_FILE } from '../store/stored-results.js';
import { TestDirectory } from '../store/test-directory.js';
import type { CellResult } from './cell-result.js';
import { matrixPage } from './matrix-page.js';
import { summaryOf, verdictOfMatrix } from './matrix-summary.js';

/** Beside the tests of the store. */
const NAME = 'matrix';

/** What is kept of a matrix: `<store>/matrix/<time>/`. It is true after each cell, whatever ends the rest. */
export class MatrixRecord {
  readonly #directory: TestDirectory;
  readonly #startedAt: string;
  readonly #cells: number;

  private constructor(directory: TestDirectory, startedAt: string, cells: number) {
    this.#directory = directory;
    this.#startedAt = startedAt;
    this.#cells = cells;
  }

  /** Rejects with STORE_FAILED. */
  static async create(store: string, cells: number): Promise<MatrixRecord> {
    const startedAt = new Date();
    const directory = await TestDirectory.create(store, NAME, startedAt);
    return new MatrixRecord(directory, startedAt.toISOString(), cells);
  }

  get page(): string {
    return this.#directory.file(MATRIX_PAGE_FILE);
  }

  /** @param results of all cells that have come to their end, in their order */
  async write(results: readonly CellResult[]): Promise<void> {
    const summary = summaryOf(results, this.#cells);
    const stored = {
      format: 1,
      verdict: verdictOfMatrix(summary),
      startedAt: this.#startedAt,
      summary,
      cells: results,
    };
    await this.#directory.write(MATRIX_FILE, `${JSON.stringify(stored, undefined, 2)}\n`);
    await this.#directory.write(MATRIX_PAGE_FILE, matrixPage(this.#startedAt, results, summary));
  }
}
