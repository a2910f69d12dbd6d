import type { RpcFailure } from '../errors.js';
import type { WireValue } from '../wire/wire-value.js';

/**
 * Answers one request. Exactly one of the two is called, once, now or later; `done` takes any
 * wire value. Callbacks, not promises: a server answers tens of thousands of requests a second.
 * When the caller's connection has gone, an answer is dropped in silence, and so is a second one.
 * An answer that can't be sent becomes a failure: RPC_TOO_LARGE, or INTERNAL for no wire value.
 */
export interface RpcResponder {
  done(result: WireValue): void;
  failed(failure: RpcFailure): void;
}

/** Who asks: one object for each connection, as long as that lasts. */
export interface RpcPeer {
  /** The other side's host as the network knows it, such as its IP address; without a port. */
  readonly host: string;
}

/**
 * `method` is an integer from 0 to 65,535 that the two sides agree on; `body` is not validated in
 * any way. What the handler throws becomes an INTERNAL failure of that request.
 */
export type RpcHandler = (
  method: number,
  body: WireValue,
  responder: RpcResponder,
  peer: RpcPeer,
) => void;

/** A listening server. */
export interface RpcServer extends AsyncDisposable {
  /** `host:port` as bound (a port of 0 is replaced by the real one). */
  readonly address: string;
  /** Connections open now. */
  readonly connections: number;
  /**
   * Stops listening, sends the answers given so far and closes every connection. Safe to call
   * twice.
   */
  close(): Promise<void>;
}

/** One client's connection to one server; many requests in flight, answers in any order. */
export interface RpcConnection extends AsyncDisposable {
  readonly address: string;
  /** False once it is closed or broken; a broken connection never recovers: open a new one. */
  readonly open: boolean;
  /**
   * Resolves with the result, or rejects with a NetError: RPC_FAILED carries the server's
   * `RpcFailure` in `details`; RPC_DISCONNECTED (sent, no answer: the outcome is unknown),
   * RPC_NOT_SENT (definitely not sent: closed, or too much waits already), RPC_TOO_LARGE (over the
   * frame limit; not sent), MESSAGE_INVALID (`body` is no wire value; not sent). An abort rejects
   * with the signal's reason; the answer is then dropped when it comes.
   */
  request(method: number, body: WireValue, signal?: AbortSignal): Promise<WireValue>;
  close(): Promise<void>;
}

/** Opens servers and connections: over TCP, or in memory for tests. */
export interface RpcNetwork {
  /** `address` is `host:port`. Rejects with ADDRESS_UNUSABLE when it can't be bound. */
  listen(address: string, handler: RpcHandler): Promise<RpcServer>;
  /**
   * Rejects with RPC_NOT_SENT when nobody answers there within the connect timeout, or the server
   * refuses; with ADDRESS_UNUSABLE for what is no address. An abort rejects with its reason.
   */
  connect(address: string, signal?: AbortSignal): Promise<RpcConnection>;
}
