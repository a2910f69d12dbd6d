export type { ClusterMember, ClusterStatus } from './client/cluster-member.js';
export { readClusterStatus } from './client/cluster-status.js';
export type { ConnectOptions as NamespaceClientOptions } from './client/connect.js';
export type {
  EntryStatus,
  EntryType,
  MountedStatus,
  NamedEntry,
} from './client/entry-status.js';
export type { FreshOptions } from './client/fresh-options.js';
export type { LockStatus, MountStatus } from './client/mount-status.js';
export {
  type CallOptions,
  type FileLocation,
  type MountDescription,
  NamespaceClient,
  type OperationOutcome,
  type SyncProgress,
} from './client/namespace-client.js';
export {
  InodeAppError,
  type InodeAppErrorCode,
  type InodeAppErrorOptions,
  type NamespaceErrorCode,
} from './errors.js';
export { Master } from './master/master.js';
export type { MasterOptions } from './master/master-options.js';
export type { MemberAddresses } from './master/members.js';
export type { MountCondition } from './namespace/mounts/mount-condition.js';
export type { NamespaceOperation } from './namespace/operations/operation-table.js';
export type { Attributes } from './namespace/tree/text-to-bytes.js';
