/** A suite for implementers of RpcNetwork, and what runs connections over a channel of one's own. */
export { FrameReader } from '../channel/frame-reader.js';
export { RpcClientConnection } from '../rpc/rpc-client-connection.js';
export { RpcServerConnection } from '../rpc/rpc-server-connection.js';
export { type ComplianceBodies, type ComplianceCase, complianceCases } from './compliance-case.js';
export { eventually } from './eventually.js';
export { freeAddress } from './free-address.js';
export { type RpcHome, rpcCompliance } from './rpc-compliance.js';
