import type { WireValue } from '@raft-ts/net';
import type { ReplicaStatus } from 'raft-ts';

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

/** The type checker takes plain object types for wire values, and interfaces for none. */
type Plain<T> = T extends object ? { readonly [Key in keyof T]: Plain<T[Key]> } : T;

/** A member's status as it travels. */
export function encodeStatus(status: MemberStatus): WireValue {
  const replica: Plain<ReplicaStatus> | undefined = status.replica;
  return { ...status, replica };
}
