import { invariant } from '../invariant.js';
import type { TermRun } from './log-state.js';

/**
 * The term of every index of the log, as runs of equal terms: a few numbers an election instead
 * of one an entry, so the core never reads the disk to compare logs or to find a conflict.
 */
export class TermRuns {
  /** Ascending by index and by term. */
  readonly #runs: TermRun[];

  constructor(runs: readonly TermRun[]) {
    this.#runs = [...runs];
    for (let i = 1; i < this.#runs.length; i++) this.#checkOrder(this.#runs[i - 1], this.#runs[i]);
  }

  #checkOrder(before: TermRun | undefined, after: TermRun | undefined): void {
    if (before === undefined || after === undefined) return;
    invariant(
      before.index < after.index && before.term < after.term,
      () =>
        `terms must rise with the index: ${before.term} at ${before.index}, ${after.term} at ${after.index}`,
    );
  }

  /** The run that holds `index`, if any starts at or below it. The caller knows the log's end. */
  runOf(index: number): TermRun | undefined {
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i];
      if (run !== undefined && run.index <= index) return run;
    }
    return undefined;
  }

  /** 0 for an index before the first entry. */
  termAt(index: number): number {
    return this.runOf(index)?.term ?? 0;
  }

  append(index: number, term: number): void {
    const last = this.#runs.at(-1);
    if (last?.term === term) return;
    const run = { index, term };
    this.#checkOrder(last, run);
    this.#runs.push(run);
  }

  /** Forgets the terms up to `index` of a log that ends at `lastIndex`. */
  compact(index: number, lastIndex: number): void {
    if (index === lastIndex) {
      this.clear();
      return;
    }
    const kept = this.#runs.findLastIndex((run) => run.index <= index + 1);
    if (kept > 0) this.#runs.splice(0, kept);
    const first = this.#runs[0];
    if (first !== undefined && first.index <= index) {
      this.#runs[0] = { index: index + 1, term: first.term };
    }
  }

  clear(): void {
    this.#runs.length = 0;
  }

  /** Forgets the terms at `index` and behind it. */
  truncateFrom(index: number): void {
    while (this.#runs.length > 0 && (this.#runs.at(-1)?.index ?? 0) >= index) this.#runs.pop();
  }
}
