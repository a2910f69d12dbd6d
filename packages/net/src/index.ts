/** Bytes between processes: channels of frames, requests over them, and what waiting needs. */
export { abortable } from './async/abortable.js';
export { Backoff } from './async/backoff.js';
export { type Clock, systemClock, waitingClock } from './async/clock.js';
export { Fifo } from './async/fifo.js';
export { observe, throwUncaught } from './async/observe.js';
export { Parts } from './async/parts.js';
export { pause, withTimeout } from './async/pause.js';
export { RateLimit } from './async/rate-limit.js';
export type { FrameChannel, FrameChannelEvents } from './channel/frame-channel.js';
export type { FrameListener } from './channel/frame-reader.js';
export type { FramedSocket } from './channel/framed-socket.js';
export type { Protocol } from './channel/greeting-line.js';
export {
  type AcceptingOptions,
  acceptChannel,
  type OpeningOptions,
  openChannel,
  refuseFirst,
} from './channel/handshake.js';
export { incompleteFrames, type SharedBytes } from './channel/shared-bytes.js';
export type { CodedErrorArguments, WithCode } from './coded-error.js';
export { parseAddress } from './endpoint/address.js';
export { connectTcp } from './endpoint/connect-tcp.js';
export { Listener } from './endpoint/listener.js';
export { connectionsWithin, openFileLimit } from './endpoint/open-files.js';
export {
  isNetError,
  NetError,
  type NetErrorCode,
  type NetErrorDetails,
  type RpcFailure,
} from './errors.js';
export {
  contentRange,
  type HttpHeaders,
  parseContentRange,
  type SelectedRange,
  selectRange,
} from './http/byte-range.js';
export {
  type HttpAnswer,
  type HttpCall,
  HttpClient,
  type HttpRequester,
} from './http/http-client.js';
export {
  defaultHttpClientLimits,
  defaultHttpServerLimits,
  type HttpClientLimits,
  type HttpServerLimits,
} from './http/http-limits.js';
export {
  type HttpHandler,
  type HttpRequest,
  type HttpResponse,
  HttpServer,
  type HttpServerEvent,
  type HttpServerOptions,
  problem,
} from './http/http-server.js';
export { localConnection } from './rpc/local-connection.js';
export { MemoryRpcNetwork } from './rpc/memory-rpc.js';
export type {
  RpcConnection,
  RpcHandler,
  RpcNetwork,
  RpcPeer,
  RpcResponder,
  RpcServer,
} from './rpc/rpc.js';
export { defaultRpcLimits, type RpcLimits } from './rpc/rpc-limits.js';
export {
  type RpcServerEvent,
  TcpRpcNetwork,
  type TcpRpcOptions,
  type TcpRpcServer,
} from './rpc/tcp-rpc.js';
export { decodePayload } from './wire/frame-codec.js';
export { decodeValue, encodeValue } from './wire/value-codec.js';
export { MAX_VALUE_DEPTH, MAX_WIRE_DEPTH } from './wire/wire-check.js';
export type { WireValue } from './wire/wire-value.js';
