import { invariant } from '../core/invariant.js';
import type { Entry, HardState } from '../core/log/entry.js';
import type { LogBase, LogState, TermRun } from '../core/log/log-state.js';
import type { LogWrite } from './log-store.js';

/** What a write does to the log that it is written to. */
export interface TailChange {
  /** The lowest index whose entry is replaced or cut off; 0 for none. Compaction replaces none. */
  readonly replacedFrom: number;
  /** Term of the entry before `replacedFrom`; 0 for none. */
  readonly termBefore: number;
  /** The last index before and after the change. */
  readonly lastIndexBefore: number;
  readonly lastIndexAfter: number;
}

/** Where a log begins and ends and which terms it has, as its writes are accepted in order. */
export class LogTail {
  /** Of the entries behind the base. */
  readonly #runs: TermRun[];
  #base: LogBase;
  #lastIndex: number;
  #hardState: HardState;

  constructor({ hardState, base, lastIndex, termRuns }: LogState) {
    this.#hardState = hardState;
    this.#base = base;
    this.#lastIndex = lastIndex;
    this.#runs = [...termRuns];
  }

  get base(): LogBase {
    return this.#base;
  }

  get firstIndex(): number {
    return this.#base.index + 1;
  }

  get lastIndex(): number {
    return this.#lastIndex;
  }

  /** 0 for an empty log. */
  get lastTerm(): number {
    return this.#termAt(this.#lastIndex);
  }

  get hardState(): HardState {
    return this.#hardState;
  }

  /** Takes `write` over; throws InvariantBroken, and changes nothing, if it can't follow. */
  accept(write: LogWrite): TailChange {
    const { entries, hardState, base } = write;
    if (hardState !== undefined) checkHardState(this.#hardState, hardState);
    if (base !== undefined) checkBase(this.#base, base);
    const keepsTail = base === undefined || this.#has(base);
    this.#checkEntries(entries, base ?? this.#base, keepsTail);

    const lastIndexBefore = this.#lastIndex;
    const replacedFrom = this.#replacedFrom(write, keepsTail);
    const termBefore = replacedFrom > 0 ? this.#termAt(replacedFrom - 1) : 0;
    if (base !== undefined) this.#beginAt(base, keepsTail);
    this.#add(entries);
    this.#hardState = hardState ?? this.#hardState;
    return { replacedFrom, termBefore, lastIndexBefore, lastIndexAfter: this.#lastIndex };
  }

  /** Whether the log has the entry that `base` stands for: then what is behind it stays. */
  #has(base: LogBase): boolean {
    return base.index <= this.#lastIndex && this.#termAt(base.index) === base.term;
  }

  #replacedFrom({ base, entries }: LogWrite, keepsTail: boolean): number {
    const first = keepsTail ? entries[0]?.index : base?.index;
    return first !== undefined && first <= this.#lastIndex ? first : 0;
  }

  #termAt(index: number): number {
    return termAt(index, this.#base, this.#runs);
  }

  #checkEntries(entries: readonly Entry[], base: LogBase, keepsTail: boolean): void {
    const first = entries[0];
    if (first === undefined) return;
    const lastIndex = keepsTail ? this.#lastIndex : base.index;
    invariant(
      first.index > base.index && first.index <= lastIndex + 1,
      `entry ${first.index} can't be written to a log of ${base.index + 1}..${lastIndex}`,
    );
    const behindBase = first.index === base.index + 1;
    checkContiguous(entries, first.index, behindBase ? base.term : this.#termAt(first.index - 1));
  }

  #beginAt(base: LogBase, keepsTail: boolean): void {
    const last = this.#lastIndex;
    if (keepsTail && last > base.index) {
      const next = base.index + 1;
      const term = this.#termAt(next);
      const kept = this.#runs.filter((run) => run.index > next);
      this.#runs.splice(0, this.#runs.length, { index: next, term }, ...kept);
    } else {
      this.#runs.length = 0;
      this.#lastIndex = base.index;
    }
    this.#base = base;
  }

  #add(entries: readonly Entry[]): void {
    const first = entries[0];
    if (first === undefined) return;
    while ((this.#runs.at(-1)?.index ?? 0) >= first.index) this.#runs.pop();
    for (const { index, term } of entries) {
      if (this.#runs.at(-1)?.term !== term) this.#runs.push({ index, term });
    }
    this.#lastIndex = first.index + entries.length - 1;
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

/** What it stands for is committed: it only moves on, and never changes (Raft paper, section 7). */
function checkBase(before: LogBase, after: LogBase): void {
  invariant(
    after.index >= before.index,
    `a log that begins behind ${before.index} can't begin behind ${after.index}`,
  );
  const termFits = after.index === before.index ? after.term === before.term : after.term > 0;
  invariant(
    termFits && after.term >= before.term,
    `a base of term ${after.term} at ${after.index} follows term ${before.term} at ${before.index}`,
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

/** The term at `index` of a log with this base and these runs; 0 for what was compacted away. */
export function termAt(index: number, base: LogBase, runs: readonly TermRun[]): number {
  if (index <= base.index) return index === base.index ? base.term : 0;
  return runs.findLast((run) => run.index <= index)?.term ?? 0;
}
