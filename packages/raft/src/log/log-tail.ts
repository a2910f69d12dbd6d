import { invariant } from '../core/invariant.js';
import { type Entry, EntryType, entryBytes, type HardState } from '../core/log/entry.js';
import { LogSizes } from '../core/log/log-sizes.js';
import type { LogBase, LogState } from '../core/log/log-state.js';
import { TermRuns } from '../core/log/term-runs.js';
import type { LogOutline } from './log-outline.js';
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

/** Where a log begins and ends and what can be told of its entries, as its writes are accepted in order. */
export class LogTail {
  readonly #terms: TermRuns;
  readonly #sizes: LogSizes;
  #membershipIndexes: number[];
  #base: LogBase;
  #hardState: HardState;

  constructor(state: LogState) {
    this.#hardState = state.hardState;
    this.#base = state.base;
    this.#terms = TermRuns.of(state);
    this.#sizes = LogSizes.of(state.base.index, state.lastIndex, state.sizes);
    this.#membershipIndexes = state.membershipEntries.map(({ index }) => index);
  }

  get base(): LogBase {
    return this.#base;
  }

  get firstIndex(): number {
    return this.#base.index + 1;
  }

  get lastIndex(): number {
    return this.#terms.lastIndex;
  }

  /** 0 for an empty log. */
  get lastTerm(): number {
    return this.#terms.termAt(this.lastIndex);
  }

  get hardState(): HardState {
    return this.#hardState;
  }

  get outline(): LogOutline {
    const { index, term } = this.#base;
    return {
      base: { index, term },
      lastIndex: this.lastIndex,
      termRuns: this.#terms.runs,
      sizes: this.#sizes.steps,
      membershipIndexes: [...this.#membershipIndexes],
    };
  }

  /** Takes `write` over; throws InvariantBroken, and changes nothing, if it can't follow. */
  accept(write: LogWrite): TailChange {
    const { entries, hardState, base } = write;
    if (hardState !== undefined) checkHardState(this.#hardState, hardState);
    if (base !== undefined) checkBase(this.#base, base);
    // Whether the log has the entry that `base` stands for: then what is behind it stays.
    const keepsTail = base === undefined || this.#terms.has(base.index, base.term);
    this.#checkEntries(entries, base ?? this.#base, keepsTail);

    const lastIndexBefore = this.lastIndex;
    const replacedFrom = this.#replacedFrom(write, keepsTail);
    const termBefore = replacedFrom > 0 ? this.#terms.termAt(replacedFrom - 1) : 0;
    if (base !== undefined) this.#beginAt(base, keepsTail);
    if (entries[0] !== undefined) this.#truncateFrom(entries[0].index);
    for (const entry of entries) this.#append(entry);
    this.#hardState = hardState ?? this.#hardState;
    return { replacedFrom, termBefore, lastIndexBefore, lastIndexAfter: this.lastIndex };
  }

  #beginAt(base: LogBase, keepsTail: boolean): void {
    this.#terms.beginAt(base);
    if (keepsTail) this.#sizes.beginAt(base.index);
    else this.#sizes.reset(base.index);
    this.#membershipIndexes = keepsTail
      ? this.#membershipIndexes.filter((index) => index > base.index)
      : [];
    this.#base = base;
  }

  #truncateFrom(index: number): void {
    if (index > this.lastIndex) return;
    this.#terms.truncateFrom(index);
    this.#sizes.truncateFrom(index);
    this.#membershipIndexes = this.#membershipIndexes.filter((each) => each < index);
  }

  #append(entry: Entry): void {
    const { index, term, type } = entry;
    this.#terms.append(index, term);
    this.#sizes.append(entryBytes(entry));
    if (type === EntryType.Membership) this.#membershipIndexes.push(index);
  }

  #replacedFrom({ base, entries }: LogWrite, keepsTail: boolean): number {
    const first = keepsTail ? entries[0]?.index : base?.index;
    return first !== undefined && first <= this.lastIndex ? first : 0;
  }

  #checkEntries(entries: readonly Entry[], base: LogBase, keepsTail: boolean): void {
    const first = entries[0];
    if (first === undefined) return;
    const lastIndex = keepsTail ? this.lastIndex : base.index;
    invariant(
      first.index > base.index && first.index <= lastIndex + 1,
      `entry ${first.index} can't be written to a log of ${base.index + 1}..${lastIndex}`,
    );
    const behindBase = first.index === base.index + 1;
    checkContiguous(
      entries,
      first.index,
      behindBase ? base.term : this.#terms.termAt(first.index - 1),
    );
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
