import type { MemberId } from '../core/log/entry.js';

/** Of the fetches of a state in a row that came to nothing, the last one; in a replica's status. */
export interface SnapshotFailure {
  /** In a row. */
  readonly failures: number;
  readonly message: string;
}

/** A state that this member needs could not be had; it is asked for again. */
export interface SnapshotFetchFailed {
  readonly type: 'snapshot-fetch-failed';
  /** The member that offered it; 0: none leads, and whoever has one was asked. */
  readonly from: MemberId;
  /** As of this index, or a later one. */
  readonly index: number;
  readonly error: Error;
  /** In a row, this one included. */
  readonly failures: number;
  /** Not before that, milliseconds; it grows with each failure, up to 10 seconds. */
  readonly retryInMs: number;
}

/** What an operator may want to know; nothing that has to be reacted to. */
export type ReplicaEvent = SnapshotFetchFailed;
