import { invariant } from '../invariant.js';
import { MembershipHistory } from '../membership/membership-history.js';
import { type Entry, entryBytes } from './entry.js';
import { LogSizes } from './log-sizes.js';
import type { LogBase, LogState } from './log-state.js';
import { LogWindow } from './log-window.js';
import { TermRuns } from './term-runs.js';
import { WritesInFlight } from './writes-in-flight.js';

const NONE: readonly Entry[] = [];

/** What is to be applied next: entries at hand, or a range that has to be read first. */
export type NextToApply =
  | { readonly entries: readonly Entry[] }
  | { readonly fromDisk: readonly [first: number, last: number] };

/**
 * The log as the core sees it: where it begins, all terms and changes of the membership, the newest
 * entries, and how far it has been written, committed and applied. Invariant:
 * applied <= applying <= min(commit, durable) <= lastIndex, and base.index <= commit.
 *
 * Only while a snapshot is missing, applied is below base.index: nothing can be applied then.
 */
export class RaftLog {
  readonly memberships: MembershipHistory;
  readonly writes = new WritesInFlight();
  readonly #oneChange: boolean;
  readonly #terms: TermRuns;
  readonly #sizes: LogSizes;
  readonly #window: LogWindow;
  #base: LogBase;
  /** The base has changed and was not handed out to be written. */
  #baseUnwritten = false;
  #commit: number;
  /** Entries up to here were handed out to be written. */
  #handedOut: number;
  #applying: number;
  #applied: number;
  /** A state that takes the place of what was applied; nothing is applied until it has. */
  #installing: LogBase | undefined;

  /** `oneChange`: no leader appends a change of the membership while another is not applied. */
  constructor(state: LogState, applied: number, oneChange: boolean) {
    invariant(
      applied <= state.lastIndex,
      () => `applied ${applied} is above the log's last index ${state.lastIndex}`,
    );
    this.#base = state.base;
    this.#terms = TermRuns.of(state);
    this.#sizes = LogSizes.of(state.base.index, state.lastIndex, state.sizes);
    this.#window = new LogWindow(state.lastIndex);
    this.memberships = new MembershipHistory(
      state.base.membership,
      state.membershipEntries,
      applied,
    );
    this.writes.durable = state.lastIndex;
    this.#handedOut = state.lastIndex;
    this.#oneChange = oneChange;
    const known = Math.max(applied, state.base.index, this.#impliedCommit());
    this.#commit = Math.max(known, Math.min(state.hardState.commit, state.lastIndex));
    this.#applying = applied;
    this.#applied = applied;
  }

  get base(): LogBase {
    return this.#base;
  }

  /** Index of the first entry that the log has, or would have. */
  get firstIndex(): number {
    return this.#base.index + 1;
  }

  get lastIndex(): number {
    return this.#terms.lastIndex;
  }

  get lastTerm(): number {
    return this.termAt(this.lastIndex);
  }

  get commit(): number {
    return this.#commit;
  }

  /** Entries up to here survive a crash. */
  get durable(): number {
    return this.writes.durable;
  }

  get applied(): number {
    return this.#applied;
  }

  /** Of all entries, durable or not. */
  get bytes(): number {
    return this.#sizes.bytes;
  }

  /** The first entry of the newest that together take no more than `maxBytes`. */
  firstWithin(maxBytes: number): number {
    return this.#sizes.firstWithin(maxBytes);
  }

  get windowBytes(): number {
    return this.#window.bytes;
  }

  /** The state machine lacks what the log no longer has: it needs a snapshot. */
  get lacksState(): boolean {
    return this.#applied < this.#base.index;
  }

  /** The term of a known entry, or of the base; 0 for what was compacted away. */
  termAt(index: number): number {
    return this.#terms.termAt(index);
  }

  /** Whether this log has an entry of `term` at `index` (Raft paper, 5.3, consistency check). */
  matches(index: number, term: number): boolean {
    return this.#terms.has(index, term);
  }

  /** Whether a log that ends with (lastTerm, lastIndex) is at least as new (Raft paper, 5.4.1). */
  isUpToDate(lastTerm: number, lastIndex: number): boolean {
    return lastTerm > this.lastTerm || (lastTerm === this.lastTerm && lastIndex >= this.lastIndex);
  }

  /**
   * The last index at or below `index` whose term is at most `term`: below a conflict, nothing
   * behind it can match, so a whole term is stepped over at once (Raft paper, end of 5.3). One
   * below the base when the terms that would tell were compacted away.
   */
  lastIndexWithTermAtMost(index: number, term: number): number {
    return this.#terms.lastIndexWithTermAtMost(index, term);
  }

  /** Adds entries behind the last one. */
  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#terms.append(entry.index, entry.term);
      this.#sizes.append(entryBytes(entry));
      this.#window.append(entry);
      this.memberships.append(entry);
    }
    this.commitTo(this.#impliedCommit());
  }

  /**
   * Nobody may decide by a configuration that has been replaced, for want of hearing that: who has
   * the entry of the next change knows that the one before is committed.
   */
  #impliedCommit(): number {
    return this.#oneChange ? this.memberships.impliedCommit : 0;
  }

  /**
   * Takes over a leader's entries behind a matching previous one: those that are here already
   * stay (a late, short append must not cut what follows), the first conflict and all behind it
   * is replaced.
   */
  merge(entries: readonly Entry[]): void {
    let known = 0;
    for (const entry of entries) {
      if (!this.matches(entry.index, entry.term)) break;
      known++;
    }
    const conflict = entries[known];
    if (conflict === undefined) return;
    if (conflict.index <= this.lastIndex) this.#truncateFrom(conflict.index);
    this.append(known === 0 ? entries : entries.slice(known));
  }

  #truncateFrom(index: number): void {
    invariant(
      index > this.#commit,
      () => `entry ${index} is committed (${this.#commit}) and stays`,
    );
    this.#terms.truncateFrom(index);
    this.#sizes.truncateFrom(index);
    this.#window.truncateFrom(index);
    this.memberships.truncateFrom(index);
    this.#handedOut = Math.min(this.#handedOut, index - 1);
    this.writes.cutTo(index - 1);
  }

  /** Forgets entries up to `index`, all of which are applied (Raft paper, section 7). */
  compact(index: number): void {
    invariant(
      index > this.#base.index && index <= this.#applied,
      () => `can't compact to ${index}: the base is ${this.#base.index}, applied ${this.#applied}`,
    );
    this.#base = { index, term: this.termAt(index), membership: this.memberships.at(index) };
    this.#baseUnwritten = true;
    this.#terms.beginAt(this.#base);
    this.#sizes.beginAt(index);
    this.#window.compact(index);
    this.memberships.compact(index);
  }

  /** A snapshot takes the place of the whole log, from which it differs (Raft paper, section 7). */
  restore(base: LogBase): void {
    invariant(
      base.index > this.#commit,
      () => `a snapshot of ${base.index} is not newer than commit ${this.#commit}`,
    );
    this.#base = base;
    this.#baseUnwritten = true;
    this.#terms.beginAt(base);
    this.#sizes.reset(base.index);
    this.#window.reset(base.index);
    this.memberships.reset(base.membership);
    this.#handedOut = base.index;
    this.#commit = base.index;
    // The log begins anew: only writes from now on make anything of it durable.
    this.writes.cutTo(0);
    this.#installing = base;
  }

  /** The state as of `base` is to take the place of what was applied; the log stays. */
  installState(base: LogBase): void {
    this.#installing = base;
  }

  /** The state to install, once the log is ready for it and nothing is being applied. */
  readyToInstall(): LogBase | undefined {
    const base = this.#installing;
    if (base === undefined || this.#applying > this.#applied) return undefined;
    return this.writes.durable >= base.index ? base : undefined;
  }

  get installing(): boolean {
    return this.#installing !== undefined;
  }

  installed(index: number): void {
    invariant(this.#installing?.index === index, () => `no state of ${index} was to be installed`);
    this.#installing = undefined;
    this.#applying = index;
    this.#applied = index;
    this.memberships.applyTo(index);
  }

  /** The base to write, once. */
  takeUnwrittenBase(): LogBase | undefined {
    if (!this.#baseUnwritten) return undefined;
    this.#baseUnwritten = false;
    return this.#base;
  }

  /** Entries not yet handed out to be written. */
  unwritten(): readonly Entry[] {
    if (this.#handedOut === this.lastIndex) return NONE;
    return this.#window.slice(this.#handedOut + 1, this.lastIndex, Number.POSITIVE_INFINITY);
  }

  /** Everything up to the last index is on its way to the disk as part of write `sequence`. */
  writeStarted(sequence: number, tick: number): void {
    this.#handedOut = this.lastIndex;
    this.writes.started(sequence, this.lastIndex, tick);
  }

  /** Raises the commit index; false when it is there already. */
  commitTo(index: number): boolean {
    if (index <= this.#commit) return false;
    invariant(index <= this.lastIndex, () => `can't commit ${index}, behind ${this.lastIndex}`);
    this.#commit = index;
    return true;
  }

  /**
   * The next entries to apply: committed, and durable here, so that the state machine never runs
   * ahead of the log. `fromDisk` when they have to be read first. Undefined while the last ones
   * are being applied, while a state is missing or being installed, or when there are none.
   */
  nextToApply(maxBytes: number): NextToApply | undefined {
    const last = Math.min(this.#commit, this.writes.durable);
    if (this.#applying > this.#applied || last <= this.#applying) return undefined;
    if (this.#installing !== undefined || this.lacksState) return undefined;
    const first = this.#applying + 1;
    if (first < this.#window.firstIndex) {
      return { fromDisk: [first, Math.min(last, this.#window.firstIndex - 1)] };
    }
    return { entries: this.#window.slice(first, last, maxBytes) };
  }

  /** Whether `entries` are what comes next behind what is applied. */
  appliesNext(entries: readonly Entry[]): boolean {
    return this.#installing === undefined && entries[0]?.index === this.#applying + 1;
  }

  applyStarted(last: number): void {
    invariant(
      last > this.#applying && last <= Math.min(this.#commit, this.writes.durable),
      () =>
        `entries up to ${last} can't be applied: commit ${this.#commit}, durable ${this.durable}`,
    );
    this.#applying = last;
  }

  /** True when another membership is in force now. */
  applyFinished(index: number): boolean {
    invariant(
      index > this.#applied && index <= this.#applying,
      () => `applied ${index}, but ${this.#applied}..${this.#applying} was handed out`,
    );
    this.#applied = index;
    return this.#installing === undefined && this.memberships.applyTo(index);
  }

  /** Entries from `first` on, when they are in memory; undefined when they have to be read. */
  inMemory(first: number, maxBytes: number): readonly Entry[] | undefined {
    if (first > this.lastIndex) return [];
    if (first < this.#window.firstIndex) return undefined;
    return this.#window.slice(first, this.lastIndex, maxBytes);
  }

  /** Keeps at most `maxBytes` of entries in memory; what is not durable yet stays in any case. */
  trimWindow(maxBytes: number): void {
    this.#window.trim(this.writes.durable, maxBytes);
  }
}
