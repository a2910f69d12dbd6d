export { type Clock, systemClock } from './clock.js';
export type {
  Accepted,
  ApplyEffect,
  Effect,
  ReadEntriesEffect,
  ReadFailedEffect,
  ReadReadyEffect,
  Rejected,
  RejectionReason,
  SendEffect,
  WriteEffect,
} from './core/effects.js';
export {
  ENTRY_OVERHEAD_BYTES,
  type Entry,
  EntryType,
  entryBytes,
  type HardState,
  type MemberId,
} from './core/entry.js';
export { InvariantBroken } from './core/invariant.js';
export type { LogState, TermRun } from './core/log-state.js';
export type {
  AppendRequest,
  AppendResponse,
  Heartbeat,
  HeartbeatResponse,
  Message,
  VoteRequest,
  VoteResponse,
} from './core/message.js';
export { defaultRaftOptions, type RaftOptions } from './core/options.js';
export { type ProgressStatus, Raft, type RaftStart, type RaftStatus } from './core/raft.js';
export type { Role } from './core/state.js';
export { RaftError, type RaftErrorCode, type RaftErrorOptions } from './errors.js';
export type { LogStore, LogWrite } from './log/log-store.js';
export { MemoryLogDisk, MemoryLogStore } from './log/memory-log-store.js';
export type { RocksLogStoreOptions } from './log/rocksdb/log-options.js';
export { RocksLogStore } from './log/rocksdb/rocks-log-store.js';
export type { Applier } from './replica/applier.js';
export { Replica, type ReplicaOptions } from './replica/replica.js';
export type { ReplicaStatus } from './replica/status.js';
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
