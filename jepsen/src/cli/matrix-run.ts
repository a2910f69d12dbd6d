import { relative } from 'node:path';
import type { Cell } from '../matrix/cell.js';
import { type CellResult, nameOf } from '../matrix/cell-result.js';
import type { MatrixRecord } from '../matrix/matrix-record.js';
import { summaryLines, summaryOf } from '../matrix/matrix-summary.js';
import { reasonLines, TABLE_HEAD, tableRow } from '../matrix/matrix-table.js';
import type { Progress } from '../run/progress.js';
import { writeLines } from './output.js';
import { ProgressLine, progressText } from './progress-line.js';
import { runCell } from './run-cell.js';
import type { TestOptions } from './test-options.js';

/** The cells of a matrix while they run: tells what comes of them, row by row in their order. */
export class MatrixRun {
  readonly #cells: readonly Cell[];
  readonly #options: TestOptions;
  readonly #record: MatrixRecord;
  readonly #results = new Map<Cell, CellResult>();
  readonly #running = new Map<Cell, Progress>();
  readonly #line = new ProgressLine(process.stderr);
  #written = 0;
  /** One after the other, as several cells may end at once. */
  #telling: Promise<void> = Promise.resolve();

  constructor(cells: readonly Cell[], options: TestOptions, record: MatrixRecord) {
    this.#cells = cells;
    this.#options = options;
    this.#record = record;
  }

  /** Of those that have come to their end, in their order. */
  get results(): readonly CellResult[] {
    return this.#cells.flatMap((cell) => this.#results.get(cell) ?? []);
  }

  async runCell(cell: Cell, signal: AbortSignal): Promise<void> {
    const result = await runCell(cell, this.#options, signal, (progress) => {
      this.#running.set(cell, progress);
      this.#showProgress();
    });
    this.#running.delete(cell);
    this.#results.set(cell, result);
    this.#telling = this.#telling.then(() => this.#tell());
    await this.#telling;
  }

  /** Says what all came to, however far it came. */
  async conclude(): Promise<void> {
    this.#line.clear();
    const { results } = this;
    const summary = summaryOf(results, this.#cells.length);
    const page = relative('', this.#record.page);
    const lines =
      this.#options.json === true
        ? [JSON.stringify({ page, summary })]
        : ['', ...results.flatMap(reasonLines), ...summaryLines(summary), `report: ${page}`];
    await writeLines(process.stdout, lines);
  }

  async #tell(): Promise<void> {
    const { results } = this;
    await this.#record.write(results);
    this.#line.clear();
    const isTable = this.#options.json !== true;
    const rows: string[] = [];
    for (;;) {
      const cell = this.#cells[this.#written];
      const result = cell === undefined ? undefined : this.#results.get(cell);
      if (result === undefined) break;
      if (this.#written === 0 && isTable) rows.push(...TABLE_HEAD);
      this.#written += 1;
      rows.push(isTable ? tableRow(result) : JSON.stringify(result));
    }
    await writeLines(process.stdout, rows);
    this.#showProgress();
  }

  #showProgress(): void {
    const running = [...this.#running].map(
      ([cell, progress]) => `${nameOf(cell)}: ${progressText(progress)}`,
    );
    const ended = `${this.#results.size} of ${this.#cells.length}`;
    this.#line.show([ended, ...running].join(' | '));
  }
}
