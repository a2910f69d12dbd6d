/**
 * Suites for implementers of LogStore, Transport and RpcNetwork, cores without an outside, and a
 * harness that gives decoders what nobody would send.
 */
export type { ComplianceCase } from './compliance-case.js';
export {
  type BytesDecoder,
  type Decoder,
  type FuzzReport,
  fuzzBytes,
  fuzzValues,
} from './fuzz/fuzz-decoder.js';
export { type FuzzOptions, fuzzOptions } from './fuzz/options.js';
export { type LogStoreHome, logStoreCompliance } from './log-store-compliance.js';
export { RaftGroup, type RaftGroupOptions } from './raft-group.js';
export { type RpcHome, rpcCompliance } from './rpc-compliance.js';
export { type TransportHome, transportCompliance } from './transport-compliance.js';
