import type { FrameChannel, FrameChannelEvents } from '../channel/frame-channel.js';
import { isNetError, NetError, type RpcFailure } from '../errors.js';
import { decodePayload } from '../wire/frame-codec.js';
import type { WireValue } from '../wire/wire-value.js';
import type { RpcHandler, RpcPeer, RpcResponder } from './rpc.js';
import type { RpcLimits } from './rpc-limits.js';
import { decodeRequest, encodeFailure, encodeResult, type RequestFrame } from './rpc-protocol.js';

/** What the requests of all connections of a server hold while they are handled. */
export interface InflightBytes {
  bytes: number;
}

export interface RpcServerConnectionOptions {
  readonly handler: RpcHandler;
  /** The other side. */
  readonly peer: RpcPeer;
  readonly limits: RpcLimits;
  /** One for all connections of a server. */
  readonly inflight: InflightBytes;
  /** A handler threw; its caller got an INTERNAL failure. */
  readonly handlerFailed: (error: unknown, method: number) => void;
  readonly closed: (error: Error | undefined) => void;
}

/** The server's end of one client's connection. */
export class RpcServerConnection {
  readonly events: FrameChannelEvents;
  readonly #channel: FrameChannel;
  readonly #options: RpcServerConnectionOptions;
  /** Of the chunk under way: all are decoded before the first is handled. */
  #arrived: RequestFrame[] = [];
  /** Of each of them. */
  #arrivedBytes: number[] = [];
  #inflight = 0;
  #paused = false;

  constructor(channel: FrameChannel, options: RpcServerConnectionOptions) {
    this.#channel = channel;
    this.#options = options;
    this.events = {
      frame: (bytes, start, end) => {
        this.#arrived.push(decodeRequest(decodePayload(bytes, start, end)));
        this.#arrivedBytes.push(end - start);
      },
      chunk: () => this.#handleArrived(),
      closed: options.closed,
    };
  }

  #handleArrived(): void {
    const requests = this.#arrived;
    const bytes = this.#arrivedBytes;
    this.#arrived = [];
    this.#arrivedBytes = [];
    for (const [i, request] of requests.entries()) this.#handle(request, bytes[i] ?? 0);
    if (this.#inflight >= this.#options.limits.maxInflightRequests && !this.#paused) {
      this.#paused = true;
      this.#channel.pause();
    }
  }

  #handle({ id, method, body }: RequestFrame, bytes: number): void {
    const { inflight, limits } = this.#options;
    this.#inflight++;
    inflight.bytes += bytes;
    const responder = new Responder(this, id, bytes);
    if (inflight.bytes > limits.maxInflightBytes) {
      responder.failed(TOO_MANY_BYTES);
      return;
    }
    try {
      this.#options.handler(method, body, responder, this.#options.peer);
    } catch (error) {
      this.#options.handlerFailed(error, method);
      responder.failed(internalFailure(error));
    }
  }

  /** `bytes`: of the request. */
  answer(id: number, bytes: number, value: WireValue): void {
    this.#inflight--;
    this.#options.inflight.bytes -= bytes;
    if (this.#paused && this.#inflight <= this.#options.limits.maxInflightRequests / 2) {
      this.#paused = false;
      this.#channel.resume();
    }
    if (!this.#channel.open) return;
    try {
      this.#channel.send(value);
    } catch (error) {
      this.#channel.send(encodeFailure(id, unsendable(error)));
    }
    if (this.#channel.queuedBytes > this.#options.limits.maxQueuedBytes) {
      this.#channel.destroy(
        new NetError(
          'MESSAGE_INVALID',
          `the client does not read: more than ${this.#options.limits.maxQueuedBytes} bytes of answers wait`,
        ),
      );
    }
  }
}

class Responder implements RpcResponder {
  #connection: RpcServerConnection | undefined;
  readonly #id: number;
  readonly #bytes: number;

  constructor(connection: RpcServerConnection, id: number, bytes: number) {
    this.#connection = connection;
    this.#id = id;
    this.#bytes = bytes;
  }

  done(result: WireValue): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.answer(this.#id, this.#bytes, encodeResult(this.#id, result));
  }

  failed(failure: RpcFailure): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.answer(this.#id, this.#bytes, encodeFailure(this.#id, failure));
  }
}

const TOO_MANY_BYTES: RpcFailure = {
  code: 'OVERLOADED',
  message: 'requests of too many bytes are being handled; try again later',
  details: { outcome: 'definite' },
};

function internalFailure(error: unknown): RpcFailure {
  const what = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL', message: `the server failed at this request: ${what}` };
}

/** An answer that can't travel: too large, or no wire value. The caller must hear of it. */
function unsendable(error: unknown): RpcFailure {
  if (isNetError(error, 'RPC_TOO_LARGE')) {
    return { code: 'RPC_TOO_LARGE', message: `the answer is too large: ${error.message}` };
  }
  return internalFailure(error);
}
