import type { FrameChannel, FrameChannelEvents } from '../channel/frame-channel.js';
import { NetError, type RpcFailure } from '../errors.js';
import { decodePayload } from '../wire/frame-codec.js';
import type { WireValue } from '../wire/wire-value.js';
import type { RpcConnection } from './rpc.js';
import type { RpcLimits } from './rpc-limits.js';
import { CONNECTION_ID, decodeResponse, encodeRequest } from './rpc-protocol.js';

interface PendingRequest {
  readonly resolve: (result: WireValue) => void;
  readonly reject: (error: unknown) => void;
  /** Stops listening for an abort. */
  readonly release: (() => void) | undefined;
}

/** The client's end of a connection over any channel. */
export class RpcClientConnection implements RpcConnection {
  readonly address: string;
  readonly events: FrameChannelEvents;
  readonly #channel: FrameChannel;
  readonly #limits: RpcLimits;
  readonly #pending = new Map<number, PendingRequest>();
  #nextId = 1;
  /** Requests up to this id may have reached the server. */
  #sentUpTo = 0;

  constructor(address: string, channel: FrameChannel, limits: RpcLimits) {
    this.address = address;
    this.#channel = channel;
    this.#limits = limits;
    this.events = {
      frame: (bytes, start, end) => this.#answered(decodePayload(bytes, start, end)),
      flushed: () => {
        this.#sentUpTo = this.#nextId - 1;
      },
      closed: (error) => this.#failAll(error),
    };
  }

  get open(): boolean {
    return this.#channel.open;
  }

  request(method: number, body: WireValue, signal?: AbortSignal): Promise<WireValue> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      this.#checkRoom();
      const id = this.#nextId;
      this.#channel.send(encodeRequest(id, method, body));
      this.#nextId++;
      const release = signal && this.#onAbort(id, signal);
      this.#pending.set(id, { resolve, reject, release });
    });
  }

  close(): Promise<void> {
    const closed = this.#channel.close();
    this.#failAll(undefined);
    return closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #checkRoom(): void {
    if (!this.#channel.open) {
      throw notSent(`the connection to ${this.address} is closed; open a new one`);
    }
    const { maxPendingRequests, maxQueuedBytes } = this.#limits;
    if (this.#pending.size >= maxPendingRequests) {
      throw notSent(`${maxPendingRequests} requests to ${this.address} wait for their answers`);
    }
    if (this.#channel.queuedBytes >= maxQueuedBytes) {
      throw notSent(`${maxQueuedBytes} bytes wait to be taken by ${this.address}`);
    }
  }

  #onAbort(id: number, signal: AbortSignal): () => void {
    const abort = () => {
      const request = this.#pending.get(id);
      this.#pending.delete(id);
      request?.reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    return () => signal.removeEventListener('abort', abort);
  }

  #answered(value: WireValue): void {
    const response = decodeResponse(value);
    if (response.id === CONNECTION_ID && 'failure' in response) {
      this.#channel.destroy(requestFailed(response.failure));
      return;
    }
    if (response.id >= this.#nextId) {
      throw new NetError('MESSAGE_INVALID', `an answer to request ${response.id}, never made`);
    }
    const request = this.#pending.get(response.id);
    // Given up by its caller.
    if (request === undefined) return;
    this.#pending.delete(response.id);
    request.release?.();
    if ('failure' in response) request.reject(requestFailed(response.failure));
    else request.resolve(response.result);
  }

  #failAll(cause: Error | undefined): void {
    for (const [id, request] of this.#pending) {
      request.release?.();
      request.reject(
        id <= this.#sentUpTo
          ? disconnected(this.address, cause)
          : notSent(`the connection to ${this.address} closed before the request was sent`, cause),
      );
    }
    this.#pending.clear();
  }
}

function requestFailed(failure: RpcFailure): NetError {
  return new NetError('RPC_FAILED', `${failure.code}: ${failure.message}`, { details: failure });
}

export function notSent(message: string, cause?: unknown): NetError {
  return new NetError('RPC_NOT_SENT', message, { cause });
}

function disconnected(address: string, cause: Error | undefined): NetError {
  const why = cause === undefined ? '' : ` (${cause.message})`;
  return new NetError(
    'RPC_DISCONNECTED',
    `the connection to ${address} closed before the answer came${why}; the request may have been carried out`,
    { cause },
  );
}
