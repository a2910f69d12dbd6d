import type { HardState } from './entry.js';

/** A stretch of entries that share a term: from `index` up to where the next run starts. */
export interface TermRun {
  readonly index: number;
  readonly term: number;
}

/** What a member's log holds when it is opened. */
export interface LogState {
  /** The last hard state that was made durable; term 0, nobody, commit 0 when there is none. */
  readonly hardState: HardState;
  /** Index of the first entry held; 1 for a new log. */
  readonly firstIndex: number;
  /** Index of the last entry held; `firstIndex - 1` when there is none. */
  readonly lastIndex: number;
  /** The terms of all entries held, ascending by index and by term; empty for an empty log. */
  readonly termRuns: readonly TermRun[];
}
