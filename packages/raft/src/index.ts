export { type Clock, systemClock } from './clock.js';
export type {
  Accepted,
  ApplyEffect,
  ConfiguredEffect,
  Effect,
  FetchSnapshotEffect,
  InstallSnapshotEffect,
  ReadEntriesEffect,
  ReadFailedEffect,
  ReadReadyEffect,
  Rejected,
  RejectionReason,
  SendEffect,
  TransferEndedEffect,
  WriteEffect,
} from './core/effects.js';
export type { Election, ElectionReason } from './core/election-history.js';
export {
  EMPTY_HARD_STATE,
  ENTRY_OVERHEAD_BYTES,
  type Entry,
  EntryType,
  entryBytes,
  type HardState,
  type MemberId,
} from './core/entry.js';
export { InvariantBroken } from './core/invariant.js';
export { EMPTY_BASE, type LogBase, type LogState, type TermRun } from './core/log-state.js';
export {
  afterBootstrap,
  type BootstrapWrite,
  bootstrapWrite,
} from './core/membership/bootstrap.js';
export type { MemberChange, MembershipChange, Transition } from './core/membership/change.js';
export {
  allMembers,
  allVoters,
  type Configuration,
  EMPTY_CONFIGURATION,
  isJoint,
  isVoter,
} from './core/membership/configuration.js';
export {
  EMPTY_MEMBERSHIP,
  type ForcedRecovery,
  type Membership,
} from './core/membership/membership.js';
export { decodeMembership, encodeMembership } from './core/membership/membership-codec.js';
export type {
  AppendRequest,
  AppendResponse,
  Heartbeat,
  HeartbeatResponse,
  Message,
  ReadIndexRequest,
  ReadIndexResponse,
  Recovered,
  SnapshotFailed,
  SnapshotOffer,
  TimeoutNow,
  VoteRequest,
  VoteResponse,
} from './core/message.js';
export { defaultRaftOptions, MAX_PRIORITY, type RaftOptions } from './core/options.js';
export type { ProgressState } from './core/progress.js';
export { Raft, type RaftStart } from './core/raft.js';
export type { Role } from './core/state.js';
export type { ProgressStatus, RaftStatus } from './core/status.js';
export { freeDiskBytes, isDiskFull } from './disk-space.js';
export { RaftError, type RaftErrorCode, type RaftErrorOptions } from './errors.js';
export type { LogStore, LogWrite } from './log/log-store.js';
export { MemoryLogDisk, MemoryLogStore } from './log/memory-log-store.js';
export {
  type ForcedRecoveryResult,
  type ForceRecoveryOptions,
  forceRecovery,
} from './log/rocksdb/force-recovery.js';
export type { RocksLogStoreOptions } from './log/rocksdb/log-options.js';
export { RocksLogStore } from './log/rocksdb/rocks-log-store.js';
export type { Applier } from './replica/applier.js';
export { Replica } from './replica/replica.js';
export type { LeaseReads, ReplicaOptions } from './replica/replica-options.js';
export type { ReplicaStatus } from './replica/status.js';
export type {
  FetchedSnapshot,
  SnapshotRequest,
  SnapshotSource,
} from './snapshot/snapshot-source.js';
export { MemoryRpcNetwork, type MemoryRpcOptions } from './transport/memory-rpc.js';
export {
  MemoryNetwork,
  type MemoryNetworkOptions,
  type ScheduleMessage,
} from './transport/memory-transport.js';
export type {
  RpcConnection,
  RpcFailure,
  RpcHandler,
  RpcNetwork,
  RpcResponder,
  RpcServer,
  WireValue,
} from './transport/rpc.js';
export { defaultRpcLimits, type RpcLimits } from './transport/rpc-limits.js';
export { type RpcServerEvent, TcpRpcNetwork, type TcpRpcOptions } from './transport/tcp-rpc.js';
export { TcpTransport, type TcpTransportOptions } from './transport/tcp-transport.js';
export type { Transport, TransportCounters } from './transport/transport.js';
export type { TransportEvent } from './transport/transport-event.js';
