import type { RaftStatus } from '../core/status.js';
import type { SnapshotFailure } from './replica-event.js';

/** One member as it sees itself and, when it leads, the others. */
export interface ReplicaStatus extends RaftStatus {
  readonly clusterId: string;
  /** A state that this member needs could not be had so far, and it goes on asking. */
  readonly snapshotFailure: SnapshotFailure | undefined;
}
