import type { SizeStep } from '../core/log/log-sizes.js';
import type { LogBase, TermRun } from '../core/log/log-state.js';

/**
 * What has to be known of a log's entries when it is opened, up to one of them: with it only those behind
 * that one have to be read. If the log still has an entry of that index and term, it has all before
 * it as they are told here (Log Matching, Raft paper 5.3).
 */
export interface LogOutline {
  /** What stood in for the entries before the first one. */
  readonly base: Pick<LogBase, 'index' | 'term'>;
  readonly lastIndex: number;
  /** As in `LogState`, like `sizes`. */
  readonly termRuns: readonly TermRun[];
  readonly sizes: readonly SizeStep[];
  /** Of the entries of type Membership, ascending. */
  readonly membershipIndexes: readonly number[];
}
