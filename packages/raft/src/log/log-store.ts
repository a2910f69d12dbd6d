import type { Entry, HardState } from '../core/log/entry.js';
import type { LogBase, LogState } from '../core/log/log-state.js';

export type { LogBase, LogState } from '../core/log/log-state.js';

/** One step that has to become durable as a whole. */
export interface LogWrite {
  /** The new hard state, when it changed. */
  readonly hardState?: HardState | undefined;
  /**
   * The log begins anew behind `base.index`, which is never below the base so far; this comes
   * before `entries`. Where the log has an entry of `base.term` at `base.index`, what stands behind
   * it stays (compaction); otherwise everything goes (a snapshot takes its place).
   */
  readonly base?: LogBase | undefined;
  /**
   * Contiguous entries. When the first one's index is at or below the log's last index, it and
   * everything behind it is replaced (a conflict was found); it is never above last index + 1, and
   * never at or below the base's index.
   */
  readonly entries: readonly Entry[];
}

/**
 * A member's durable log. One process has it open; it belongs to one cluster and one member.
 *
 * Errors are `RaftError`s: LOG_CORRUPT (a hole, a CRC mismatch, or the log ends before what was
 * acknowledged), LOG_WRITE_FAILED (the store can't be used any more), LOG_FULL (the same, because
 * there is no room on the disk), LOG_CLOSED, LOG_LOCKED, LOG_FOREIGN, LOG_UNAVAILABLE (an entry was
 * asked for that is compacted away or not there yet).
 */
export interface LogStore extends AsyncDisposable {
  /** What was found when the log was opened. Does not change afterwards. */
  readonly initial: LogState;

  /**
   * Makes `write` durable and resolves once it is: from then on it survives kill -9 and power
   * loss, and the log remembers (apart from itself) that it was acknowledged. Calls take effect
   * in order; those that wait while one is written are made durable together. After the first
   * failure every call rejects with LOG_WRITE_FAILED or LOG_FULL, and nothing is tried again.
   */
  write(write: LogWrite): Promise<void>;

  /**
   * Entries from `first` to `last` (inclusive), at least one, cut where they would exceed
   * `maxBytes` in sum of `entryBytes`. Sees everything that `write` has resolved for.
   */
  read(first: number, last: number, maxBytes: number, signal?: AbortSignal): Promise<Entry[]>;

  /** Waits for what is being written, then releases everything. Safe to call twice. */
  close(): Promise<void>;
}
