import { invariant } from '../invariant.js';
import type { LogBase, LogState, TermRun } from './log-state.js';

/** What stands in for the entries that a log does not have any more. */
type Base = Pick<LogBase, 'index' | 'term'>;

/** As a `LogState` has them. */
interface TermsOfLog extends Pick<LogState, 'termRuns' | 'lastIndex'> {
  readonly base: Base;
}

/**
 * The term of every index of a log, as runs of equal terms: a few numbers an election instead of one
 * an entry, so nobody reads the disk to compare logs or to find a conflict. It tells where the log
 * begins and ends, too.
 */
export class TermRuns {
  /** Of the entries behind the base, ascending by index and by term. */
  readonly #runs: TermRun[] = [];
  #base: Base;
  #lastIndex: number;

  /** Of a log without entries. */
  constructor(base: Base) {
    this.#base = base;
    this.#lastIndex = base.index;
  }

  static of({ base, termRuns, lastIndex }: TermsOfLog): TermRuns {
    const terms = new TermRuns(base);
    for (const { index, term } of termRuns) {
      terms.#lastIndex = index - 1;
      terms.append(index, term);
    }
    terms.#lastIndex = lastIndex;
    return terms;
  }

  /** Index of the last entry; that of the base when there is none. */
  get lastIndex(): number {
    return this.#lastIndex;
  }

  /** A copy. */
  get runs(): readonly TermRun[] {
    return [...this.#runs];
  }

  /** The term of an entry, or of the base; 0 for what was compacted away. */
  termAt(index: number): number {
    invariant(
      index <= this.#lastIndex,
      () => `no term is known at ${index}, behind ${this.#lastIndex}`,
    );
    if (index <= this.#base.index) return index === this.#base.index ? this.#base.term : 0;
    return this.#runOf(index)?.term ?? 0;
  }

  /** The run that holds `index`, which is behind the base. */
  #runOf(index: number): TermRun | undefined {
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i];
      if (run !== undefined && run.index <= index) return run;
    }
    return undefined;
  }

  /** Whether the log has an entry of `term` at `index`, or begins behind one. */
  has(index: number, term: number): boolean {
    return index >= this.#base.index && index <= this.#lastIndex && this.termAt(index) === term;
  }

  /**
   * The last index at or below `index` whose term is at most `term`; one below the base when the
   * terms that would tell were compacted away.
   */
  lastIndexWithTermAtMost(index: number, term: number): number {
    let candidate = Math.min(index, this.#lastIndex);
    while (candidate > this.#base.index) {
      const run = this.#runOf(candidate);
      if (run === undefined || run.term <= term) return candidate;
      candidate = Math.max(run.index - 1, this.#base.index);
    }
    if (candidate < this.#base.index || this.#base.term <= term) return candidate;
    return Math.max(this.#base.index - 1, 0);
  }

  /** Adds the next entry. */
  append(index: number, term: number): void {
    const last = this.#runs.at(-1);
    const lastTerm = last?.term ?? this.#base.term;
    invariant(
      index === this.#lastIndex + 1 && term >= lastTerm,
      () => `term ${term} at ${index} can't follow term ${lastTerm} at ${this.#lastIndex}`,
    );
    if (last?.term !== term) this.#runs.push({ index, term });
    this.#lastIndex = index;
  }

  /** Forgets the terms at `index` and behind it. */
  truncateFrom(index: number): void {
    while ((this.#runs.at(-1)?.index ?? 0) >= index) this.#runs.pop();
    this.#lastIndex = Math.min(this.#lastIndex, index - 1);
  }

  /** The log begins anew behind `base`; what stands behind it stays if the log has its entry. */
  beginAt(base: Base): void {
    if (base.index < this.#lastIndex && this.has(base.index, base.term)) {
      const first = { index: base.index + 1, term: this.termAt(base.index + 1) };
      this.#runs.splice(0, this.#runs.findLastIndex((run) => run.index <= first.index) + 1, first);
    } else {
      this.#runs.length = 0;
      this.#lastIndex = base.index;
    }
    this.#base = base;
  }
}
