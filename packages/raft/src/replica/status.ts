import type { RaftStatus } from '../core/status.js';

/** One member as it sees itself and, when it leads, the others. */
export interface ReplicaStatus extends RaftStatus {
  readonly clusterId: string;
}
