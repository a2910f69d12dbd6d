import type { ReplicaStatus } from 'raft-ts';
import type { WireValue } from '../../machine/durable-state-machine.js';

/** What a member says of itself; answered in every state. */
export interface MemberStatus {
  /** Undefined before the member takes part in its cluster. */
  readonly replica: ReplicaStatus | undefined;
  /** Why the member stopped, when it did because of an error. */
  readonly stoppedBy: string | undefined;
  readonly stopped: boolean;
  /** It stopped because its disk is full, and goes on by itself once there is room. */
  readonly diskFull?: boolean;
  readonly pid: number;
  /** Clients' addresses by member id. */
  readonly clientAddresses: readonly (readonly [number, string])[];
  readonly sessions: number;
  /** Bytes of the sessions' saved results. */
  readonly savedResultBytes: number;
  /** The log's time, milliseconds: sessions expire by it. */
  readonly logTimeMs: number;
  readonly appliedIndex: number;
  /** Requests without an outcome. */
  readonly pendingRequests: number;
  readonly pendingQueries: number;
  /** From the application. */
  readonly extra: WireValue;
}
