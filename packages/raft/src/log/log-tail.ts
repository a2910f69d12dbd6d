import type { Entry, HardState } from '../core/entry.js';
import { invariant } from '../core/invariant.js';
import type { LogState, TermRun } from '../core/log-state.js';
import { TermRuns } from '../core/term-runs.js';
import type { LogWrite } from './log-store.js';

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
  #hardState: HardState;

  constructor(state: LogState) {
    this.#hardState = state.hardState;
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

  get hardState(): HardState {
    return this.#hardState;
  }

  /** Takes `write` over; throws InvariantBroken, and changes nothing, if it can't follow. */
  accept({ entries, hardState }: LogWrite): TailChange {
    if (hardState !== undefined) checkHardState(this.#hardState, hardState);
    const change = this.#acceptEntries(entries);
    this.#hardState = hardState ?? this.#hardState;
    return change;
  }

  #acceptEntries(entries: readonly Entry[]): TailChange {
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

/** One vote a term, and terms never fall (Raft paper, 5.2). */
function checkHardState(before: HardState, after: HardState): void {
  invariant(after.term >= before.term, `term ${after.term} can't follow term ${before.term}`);
  invariant(
    after.term > before.term || before.votedFor === 0 || after.votedFor === before.votedFor,
    `the vote of term ${after.term} is member ${before.votedFor}'s, not ${after.votedFor}'s`,
  );
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
