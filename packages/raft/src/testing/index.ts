/** Suites for implementers of LogStore and Transport, and cores without an outside. */
export { type LogStoreHome, logStoreCompliance } from './log-store-compliance.js';
export { RaftGroup, type RaftGroupOptions } from './raft-group.js';
export { type TransportHome, transportCompliance } from './transport-compliance.js';
