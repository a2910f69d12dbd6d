import type { Entry } from '../core/entry.js';
import { invariant } from '../core/invariant.js';
import type { LogState, TermRun } from '../core/log-state.js';
import { TermRuns } from '../core/term-runs.js';

/** What entries do to the log that they are written to. */
export interface TailChange {
  /** The first index replaced; 0 when the entries follow the last one, or there are none. */
  readonly replacedFrom: number;
  /** The last index before the change. */
  readonly lastIndexBefore: number;
  /** Term of the entry before `replacedFrom`; 0 for none. */
  readonly termBefore: number;
}

/** Where a log ends and which terms it has, as its writes are accepted one after the other. */
export class LogTail {
  readonly #firstIndex: number;
  readonly #terms: TermRuns;
  #lastIndex: number;

  constructor(state: Pick<LogState, 'firstIndex' | 'lastIndex' | 'termRuns'>) {
    this.#firstIndex = state.firstIndex;
    this.#lastIndex = state.lastIndex;
    this.#terms = new TermRuns(state.termRuns);
  }

  get firstIndex(): number {
    return this.#firstIndex;
  }

  get lastIndex(): number {
    return this.#lastIndex;
  }

  /** 0 for an empty log. */
  get lastTerm(): number {
    return this.#terms.termAt(this.#lastIndex);
  }

  /** Takes `entries` over; throws InvariantBroken, and changes nothing, if they can't be written. */
  accept(entries: readonly Entry[]): TailChange {
    const first = entries[0];
    const lastIndexBefore = this.#lastIndex;
    if (first === undefined) return { replacedFrom: 0, lastIndexBefore, termBefore: 0 };
    invariant(
      first.index >= this.#firstIndex && first.index <= lastIndexBefore + 1,
      `entry ${first.index} can't be written to a log of ${this.#firstIndex}..${lastIndexBefore}`,
    );
    const termBefore = this.#terms.termAt(first.index - 1);
    checkContiguous(entries, first.index, termBefore);
    const replacedFrom = first.index <= lastIndexBefore ? first.index : 0;
    if (replacedFrom > 0) this.#terms.truncateFrom(replacedFrom);
    for (const entry of entries) this.#terms.append(entry.index, entry.term);
    this.#lastIndex = first.index + entries.length - 1;
    return { replacedFrom, lastIndexBefore, termBefore };
  }
}

function checkContiguous(entries: readonly Entry[], first: number, termBefore: number): void {
  let index = first;
  let term = termBefore;
  for (const entry of entries) {
    invariant(entry.index === index, `entry ${entry.index} stands where ${index} belongs`);
    invariant(
      entry.term >= term && entry.term > 0,
      `term ${entry.term} at ${index} follows ${term}`,
    );
    index++;
    term = entry.term;
  }
}

/** The term of `index` in `runs`; 0 when no run starts at or below it. */
export function termInRuns(runs: readonly TermRun[], index: number): number {
  return runs.findLast((run) => run.index <= index)?.term ?? 0;
}
