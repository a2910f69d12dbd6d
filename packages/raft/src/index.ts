/**
 * Raft for Node: what someone needs who starts a member and replicates something with it. No native
 * module is loaded. The log on RocksDB stands behind `raft-ts/rocksdb`, the protocol alone behind
 * `raft-ts/core`, and suites for logs and transports of your own behind `raft-ts/testing`.
 */
export type { Election, ElectionReason } from './core/election/election-history.js';
export { InvariantBroken } from './core/invariant.js';
export { type Entry, EntryType, type HardState, type MemberId } from './core/log/entry.js';
export type { LogBase, LogState } from './core/log/log-state.js';
export type { Configuration } from './core/membership/configuration.js';
export type { Endpoints, EndpointsByMember } from './core/membership/endpoints.js';
export type { ForcedRecovery, Membership } from './core/membership/membership.js';
export type {
  MemberChange,
  MembershipChange,
  Transition,
} from './core/membership/membership-change.js';
export type { Message, SnapshotPeer } from './core/message.js';
export { defaultRaftOptions, type RaftOptions } from './core/options.js';
export type { ProgressState } from './core/replication/progress.js';
export type { Role } from './core/state.js';
export type { ProgressStatus } from './core/status.js';
export { isRaftError, RaftError, type RaftErrorCode, type RaftErrorDetails } from './errors.js';
export type { LogStore, LogWrite } from './log/log-store.js';
export { MemoryLogDisk, MemoryLogStore } from './log/memory-log-store.js';
export type { Applier } from './replica/applier.js';
export type { LinearizableReader } from './replica/pending-reads.js';
export { Replica } from './replica/replica.js';
export type {
  ReplicaEvent,
  SnapshotFailure,
  SnapshotFetchFailed,
} from './replica/replica-event.js';
export type { LeaseReads, ReplicaOptions } from './replica/replica-options.js';
export type { ReplicaStatus } from './replica/status.js';
export { freeDiskBytes, isDiskFull } from './rocksdb/disk-space.js';
export {
  type BackupOptions,
  backUp,
  type FileBackupOptions,
  streamBackup,
} from './snapshot/back-up.js';
export {
  FileSnapshotReceiver,
  type FileSnapshotReceiverOptions,
} from './snapshot/file-snapshot-receiver.js';
export {
  HttpSnapshotSource,
  type HttpSnapshotSourceOptions,
  type SnapshotFetchProgress,
} from './snapshot/http-snapshot-source.js';
export { isRestoredClusterId } from './snapshot/restored-cluster-id.js';
export type {
  SnapshotBlock,
  SnapshotExtent,
  SnapshotManifest,
  SnapshotPosition,
} from './snapshot/snapshot-block.js';
export {
  checkSnapshotFile,
  readBlocks,
  readManifest,
  type SnapshotParts,
  type SnapshotWriting,
  writeSnapshotFile,
} from './snapshot/snapshot-file.js';
export type {
  SnapshotApplication,
  SnapshotContents,
  SnapshotHeader,
} from './snapshot/snapshot-header.js';
export {
  type KeptWriting,
  SnapshotKeeper,
  type SnapshotKeeperEvent,
  type SnapshotKeeperOptions,
  type SnapshotReading,
} from './snapshot/snapshot-keeper.js';
export type { SnapshotReceiver } from './snapshot/snapshot-receiver.js';
export { type SnapshotRow, takeRows } from './snapshot/snapshot-rows.js';
export { SnapshotServer, type SnapshotServerOptions } from './snapshot/snapshot-server.js';
export type {
  FetchedSnapshot,
  SnapshotRequest,
  SnapshotSource,
} from './snapshot/snapshot-source.js';
export { type SnapshotState, type SnapshotSupply, stateOf } from './snapshot/snapshot-state.js';
export type { SnapshotHandle, SnapshotStorage } from './snapshot/snapshot-storage.js';
export { MemoryNetwork } from './transport/memory-transport.js';
export { TcpTransport, type TcpTransportOptions } from './transport/tcp-transport.js';
export type { Transport, TransportCounters } from './transport/transport.js';
export type { TransportEvent } from './transport/transport-event.js';
