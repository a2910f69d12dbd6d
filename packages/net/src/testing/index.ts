/** A suite for implementers of RpcNetwork, and what suites of other contracts are made of. */
export { type ComplianceBodies, type ComplianceCase, complianceCases } from './compliance-case.js';
export { eventually } from './eventually.js';
export { freeAddress } from './free-address.js';
export { type RpcHome, rpcCompliance } from './rpc-compliance.js';
