import type { SnapshotFetchProgress } from 'raft-ts';

/** What a member does with snapshots. That it could not get one is in `ReplicaStatus.snapshotFailure`. */
export interface SnapshotsStatus {
  /** Where others reach it over HTTP, as the membership says; where it listens while that says nothing. */
  readonly address: string;
  /** Those on its disk, the oldest first, by the index that they are as of. */
  readonly kept: readonly { readonly index: number; readonly bytes: number }[];
  /** Answers that are sending bytes of them. */
  readonly readers: number;
  /** The one that is being made: what is written of it. */
  readonly making:
    | { readonly index: number; readonly rows: number; readonly bytes: number }
    | undefined;
  /** Why the last one could not be made. */
  readonly makingFailure: string | undefined;
  /** The one that is being fetched. */
  readonly fetching: SnapshotFetchProgress | undefined;
}
