export type { ClusterMember, ClusterStatus } from './client/cluster-member.js';
export { readClusterStatus } from './client/cluster-status.js';
export type { ConnectOptions as NamespaceClientOptions } from './client/connect.js';
export type { EntryStatus, EntryType, NamedEntry } from './client/entry-status.js';
export {
  type CallOptions,
  NamespaceClient,
  type OperationOutcome,
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
export type { NamespaceOperation } from './namespace/operations/operation-table.js';
export type { Attributes } from './namespace/tree/text-to-bytes.js';
