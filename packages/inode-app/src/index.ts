export {
  type ClusterMember,
  type ClusterStatus,
  readClusterStatus,
} from './client/cluster-status.js';
export type { EntryStatus, EntryType, NamedEntry } from './client/entry.js';
export {
  type CallOptions,
  NamespaceClient,
  type NamespaceClientOptions,
  type OperationOutcome,
} from './client/namespace-client.js';
export type { Attributes, NamespaceOperation } from './client/text-operation.js';
export { InodeAppError, type InodeAppErrorCode, type InodeAppErrorOptions } from './errors.js';
export { Master } from './master/master.js';
export type { MasterOptions } from './master/master-options.js';
export type { MemberAddresses } from './master/members.js';
export type { NamespaceErrorCode } from './namespace/operations/operation.js';
