/** Suites for implementers of LogStore, Transport and RpcNetwork, and cores without an outside. */
export type { ComplianceCase } from './compliance-case.js';
export { type LogStoreHome, logStoreCompliance } from './log-store-compliance.js';
export { RaftGroup, type RaftGroupOptions } from './raft-group.js';
export { type RpcHome, rpcCompliance } from './rpc-compliance.js';
export { type TransportHome, transportCompliance } from './transport-compliance.js';
