/** A suite for implementers of RpcNetwork, and what runs connections over a channel of one's own. */
export { FrameReader } from '../channel/frame-reader.js';
export { greetingLine } from '../channel/greeting-line.js';
export { WELCOME } from '../channel/handshake.js';
export { isHeldUp } from '../channel/held-up.js';
export { Admission } from '../rpc/admission.js';
export { RpcClientConnection } from '../rpc/rpc-client-connection.js';
export { CONNECTION_ID, encodeFailure } from '../rpc/rpc-protocol.js';
export { RpcServerConnection } from '../rpc/rpc-server-connection.js';
export { frameOf } from '../wire/frame-codec.js';
export { FRAME_HEADER_BYTES } from '../wire/frame-header.js';
export { type ComplianceBodies, type ComplianceCase, complianceCases } from './compliance-case.js';
export { eventually } from './eventually.js';
export { freeAddresses } from './free-addresses.js';
export { type RpcHome, rpcCompliance } from './rpc-compliance.js';
export { nextUncaught } from './uncaught.js';
