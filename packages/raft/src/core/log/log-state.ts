import { EMPTY_MEMBERSHIP, type Membership } from '../membership/membership.js';
import type { Entry, HardState } from './entry.js';
import type { SizeStep } from './log-sizes.js';

/** A stretch of entries that share a term: from `index` up to where the next run starts. */
export interface TermRun {
  readonly index: number;
  readonly term: number;
}

/**
 * What stands in for all entries up to `index` (Raft paper, section 7): they were compacted away, or
 * came as a snapshot. Index and term are 0 before anything was.
 */
export interface LogBase {
  readonly index: number;
  readonly term: number;
  /** As of `index`. */
  readonly membership: Membership;
}

export const EMPTY_BASE: LogBase = { index: 0, term: 0, membership: EMPTY_MEMBERSHIP };

/** What a member's log holds when it is opened. */
export interface LogState {
  /** The last hard state that was made durable; EMPTY_HARD_STATE when there is none. */
  readonly hardState: HardState;
  /** The first entry held is the one behind it. */
  readonly base: LogBase;
  /** Index of the last entry held; `base.index` when there is none. */
  readonly lastIndex: number;
  /** The terms of all entries held, ascending by index and by term; empty for none. */
  readonly termRuns: readonly TermRun[];
  /** The `entryBytes` of all entries held, in steps of some size (`LogSizes`); empty for none. */
  readonly sizes: readonly SizeStep[];
  /** All entries of type Membership that are held, ascending. */
  readonly membershipEntries: readonly Entry[];
}
