export type { WireValue } from '@raft-ts/net';
export { ReplicatedClient } from './client/client.js';
export {
  type AddMemberOptions,
  type ChangeMemberOptions,
  type ClientLimits,
  type ClientOptions,
  defaultClientLimits,
  type QueryOptions,
  type ReadFrom,
  type RequestOptions,
} from './client/client-options.js';
export { type CompactionPolicy, defaultCompactionPolicy } from './compaction/compaction-policy.js';
export {
  type Outcome,
  StateMachineError,
  type StateMachineErrorCode,
  type StateMachineErrorOptions,
} from './errors.js';
export type {
  ApplyContext,
  DurableStateMachine,
  FrameworkRow,
} from './machine/durable-state-machine.js';
export {
  InMemoryMachine,
  type InMemoryMachineEvent,
  type InMemoryMachineOptions,
} from './machine/in-memory-machine.js';
export type { InMemoryStateMachine } from './machine/in-memory-state-machine.js';
export {
  type KeyValueCommand,
  KeyValueMachine,
  type KeyValueQuery,
  type KeyValueRows,
  MAX_KEY_BYTES,
  MAX_LIST_ENTRIES,
} from './machine/key-value-machine.js';
export { decodeRecords, encodeRecords } from './machine/records.js';
export { SnapshotMap } from './machine/snapshot-map.js';
export { type AnnouncementOptions, announceEndpoints } from './member-announcement.js';
export { QueryConsistency, RpcMethod } from './rpc-methods.js';
export type { ClusterMember, ClusterMembership } from './service/membership/cluster-membership.js';
export type { Deadline, OutsideWork, Prepared } from './service/outside/outside-work.js';
export type { ServedReplica } from './service/served-member.js';
export { StateMachineService } from './service/service.js';
export {
  defaultServiceLimits,
  type ServiceLimits,
  type ServiceOptions,
} from './service/service-options.js';
export {
  type MemberReplicaStatus,
  type MemberStatus,
  parseStatus,
} from './service/status/member-status.js';
export { pausedHandler } from './service/status/paused-handler.js';
export { checkFrameworkRow } from './sessions/check-framework-row.js';
export { defaultSessionLimits, type SessionLimits } from './sessions/session-limits.js';
export { isSessionRow } from './sessions/session-rows.js';
export type { SessionSummary } from './sessions/session-table.js';
export {
  MemberSnapshots,
  type MemberSnapshotsEvent,
  type MemberSnapshotsOptions,
} from './snapshots/member-snapshots.js';
export type { SnapshotsStatus } from './snapshots/snapshots-status.js';
