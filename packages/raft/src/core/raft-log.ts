import type { Entry } from './entry.js';
import { invariant } from './invariant.js';
import type { LogState } from './log-state.js';
import { LogWindow } from './log-window.js';
import { TermRuns } from './term-runs.js';

/** A write that was handed out and is not yet known to be durable. */
interface WriteInFlight {
  readonly sequence: number;
  /** What the log holds durably once this write is; lowered when the tail is cut meanwhile. */
  lastIndex: number;
}

/**
 * The log as the core sees it: all terms, the newest entries, and how far it has been written,
 * committed and applied. Invariant: applied <= applying <= min(commit, durable) <= lastIndex.
 */
export class RaftLog {
  readonly #terms: TermRuns;
  readonly #window: LogWindow;
  readonly #writes: WriteInFlight[] = [];
  readonly firstIndex: number;
  #lastIndex: number;
  #commit: number;
  /** Entries up to here survive a crash. */
  #durable: number;
  /** Entries up to here were handed out to be written. */
  #handedOut: number;
  #applying: number;
  #applied: number;

  constructor(state: LogState, applied: number) {
    invariant(
      applied <= state.lastIndex,
      `applied ${applied} is above the log's last index ${state.lastIndex}`,
    );
    this.#terms = new TermRuns(state.termRuns);
    this.#window = new LogWindow(state.lastIndex);
    this.firstIndex = state.firstIndex;
    this.#lastIndex = state.lastIndex;
    this.#durable = state.lastIndex;
    this.#handedOut = state.lastIndex;
    this.#commit = Math.max(applied, Math.min(state.hardState.commit, state.lastIndex));
    this.#applying = applied;
    this.#applied = applied;
  }

  get lastIndex(): number {
    return this.#lastIndex;
  }

  get lastTerm(): number {
    return this.termAt(this.#lastIndex);
  }

  get commit(): number {
    return this.#commit;
  }

  get durable(): number {
    return this.#durable;
  }

  get applied(): number {
    return this.#applied;
  }

  get windowBytes(): number {
    return this.#window.bytes;
  }

  termAt(index: number): number {
    invariant(index <= this.#lastIndex, `no term is known at ${index}, behind ${this.#lastIndex}`);
    return this.#terms.termAt(index);
  }

  /** Whether this log has an entry of `term` at `index` (Raft paper, 5.3, consistency check). */
  matches(index: number, term: number): boolean {
    return index <= this.#lastIndex && this.termAt(index) === term;
  }

  /** Whether a log that ends with (lastTerm, lastIndex) is at least as new (Raft paper, 5.4.1). */
  isUpToDate(lastTerm: number, lastIndex: number): boolean {
    return lastTerm > this.lastTerm || (lastTerm === this.lastTerm && lastIndex >= this.#lastIndex);
  }

  /**
   * The last index at or below `index` whose term is at most `term`: below a conflict, nothing
   * behind it can match, so a whole term is stepped over at once (Raft paper, end of 5.3).
   */
  lastIndexWithTermAtMost(index: number, term: number): number {
    let candidate = Math.min(index, this.#lastIndex);
    while (candidate > 0) {
      const run = this.#terms.runOf(candidate);
      if (run === undefined || run.term <= term) break;
      candidate = run.index - 1;
    }
    return candidate;
  }

  /** Adds entries behind the last one. */
  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#terms.append(entry.index, entry.term);
      this.#window.append(entry);
      this.#lastIndex = entry.index;
    }
  }

  /**
   * Takes over a leader's entries behind a matching previous one: those that are here already
   * stay (a late, short append must not cut what follows), the first conflict and all behind it
   * is replaced. Returns the entries that were new.
   */
  merge(entries: readonly Entry[]): readonly Entry[] {
    const conflict = entries.findIndex((entry) => !this.matches(entry.index, entry.term));
    if (conflict < 0) return [];
    const fresh = entries.slice(conflict);
    const first = fresh[0];
    if (first !== undefined && first.index <= this.#lastIndex) this.#truncateFrom(first.index);
    this.append(fresh);
    return fresh;
  }

  #truncateFrom(index: number): void {
    invariant(index > this.#commit, `entry ${index} is committed (${this.#commit}) and stays`);
    this.#terms.truncateFrom(index);
    this.#window.truncateFrom(index);
    this.#lastIndex = index - 1;
    this.#handedOut = Math.min(this.#handedOut, index - 1);
    this.#durable = Math.min(this.#durable, index - 1);
    for (const write of this.#writes) write.lastIndex = Math.min(write.lastIndex, index - 1);
  }

  /** Entries not yet handed out to be written. */
  unwritten(): readonly Entry[] {
    if (this.#handedOut === this.#lastIndex) return [];
    return this.#window.slice(this.#handedOut + 1, this.#lastIndex, Number.POSITIVE_INFINITY);
  }

  /** Everything up to the last index is on its way to the disk as part of write `sequence`. */
  writeStarted(sequence: number): void {
    this.#handedOut = this.#lastIndex;
    this.#writes.push({ sequence, lastIndex: this.#lastIndex });
  }

  get writesInFlight(): number {
    return this.#writes.length;
  }

  /** Write `sequence`, and so every earlier one, is durable. */
  writeFinished(sequence: number): void {
    while (this.#writes.length > 0) {
      const write = this.#writes[0];
      if (write === undefined || write.sequence > sequence) break;
      this.#durable = Math.max(this.#durable, write.lastIndex);
      this.#writes.shift();
    }
  }

  /** Raises the commit index; false when it is there already. */
  commitTo(index: number): boolean {
    if (index <= this.#commit) return false;
    invariant(index <= this.#lastIndex, `can't commit ${index}, behind ${this.#lastIndex}`);
    this.#commit = index;
    return true;
  }

  /**
   * The next entries to apply: committed, and durable here, so that the state machine never runs
   * ahead of the log. `fromDisk` when they have to be read first. Undefined while the last ones
   * are being applied or when there are none.
   */
  nextToApply(
    maxBytes: number,
  ):
    | { readonly entries: readonly Entry[] }
    | { readonly fromDisk: readonly [number, number] }
    | undefined {
    const last = Math.min(this.#commit, this.#durable);
    if (this.#applying > this.#applied || last <= this.#applying) return undefined;
    const first = this.#applying + 1;
    if (first < this.#window.firstIndex) {
      return { fromDisk: [first, Math.min(last, this.#window.firstIndex - 1)] };
    }
    return { entries: this.#window.slice(first, last, maxBytes) };
  }

  applyStarted(last: number): void {
    invariant(
      last > this.#applying && last <= Math.min(this.#commit, this.#durable),
      `entries up to ${last} can't be applied: commit ${this.#commit}, durable ${this.#durable}`,
    );
    this.#applying = last;
  }

  applyFinished(index: number): void {
    invariant(
      index > this.#applied && index <= this.#applying,
      `applied ${index}, but ${this.#applied}..${this.#applying} was handed out`,
    );
    this.#applied = index;
  }

  /** Entries from `first` on, when they are in memory; undefined when they have to be read. */
  inMemory(first: number, maxBytes: number): readonly Entry[] | undefined {
    if (first > this.#lastIndex) return [];
    if (first < this.#window.firstIndex) return undefined;
    return this.#window.slice(first, this.#lastIndex, maxBytes);
  }

  /** Keeps at most `maxBytes` of entries in memory; what is not durable yet stays in any case. */
  trimWindow(maxBytes: number): void {
    this.#window.trim(this.#durable, maxBytes);
  }
}
