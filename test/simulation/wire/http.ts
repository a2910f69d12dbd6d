import {
  decodePayload,
  type HttpAnswer,
  type HttpCall,
  type HttpHandler,
  type HttpHeaders,
  type HttpRequest,
  type HttpRequester,
  type HttpResponse,
  NetError,
  type WireValue,
} from '@raft-ts/net';
import type { Coverage } from '../coverage.js';
import type { VirtualProcess } from '../process.js';
import type { Random } from '../random.js';
import type { Cutting } from './frame-stream.js';
import type { NodeId } from './link.js';
import type { VirtualNetwork } from './network.js';
import { VirtualChannel } from './virtual-channel.js';

/** Slices of a body that are on their way, or were not read, at most. */
const WINDOW_SLICES = 4;
/** A client that takes nothing of what waits for so long is given up. */
const UNTAKEN_TIMEOUT_MS = 5_000;

export interface HttpExchangeOptions {
  readonly network: VirtualNetwork;
  readonly cutting: Cutting;
  readonly coverage: Coverage;
  readonly random: Random;
  /** Bytes of a body that travel together, at most. */
  readonly sliceBytes: number;
  /** How long a client waits for a connection, an answer, or something more of one. */
  readonly patienceMs: number;
  /** A handler has failed, and not for its disk. */
  readonly onFault: (error: unknown) => void;
}

interface Listener {
  readonly node: NodeId;
  readonly process: VirtualProcess;
  readonly handler: HttpHandler;
}

/** Servers by address, and what happens to bytes on their way, for all machines of a simulation. */
export class HttpExchange {
  readonly options: HttpExchangeOptions;
  readonly #listeners = new Map<string, Listener>();
  /** By server: shares of slices in which a bit is flipped, by each of the faults that do so now. */
  readonly #damage = new Map<NodeId, number[]>();

  constructor(options: HttpExchangeOptions) {
    this.options = options;
  }

  listen(address: string, node: NodeId, process: VirtualProcess, handler: HttpHandler): void {
    this.#listeners.set(address, { node, process, handler });
  }

  listener(address: string): Listener | undefined {
    const listener = this.#listeners.get(address);
    return listener?.process.ended === true ? undefined : listener;
  }

  /** Whatever stands between `server` and its clients flips bits. Returns what ends it. */
  damage(server: NodeId, share: number): () => void {
    const shares = this.#damage.get(server) ?? [];
    this.#damage.set(server, shares);
    shares.push(share);
    return () => {
      shares.splice(shares.indexOf(share), 1);
    };
  }

  /** What arrives of a slice of a body. */
  arriving(server: NodeId, slice: Buffer): Buffer {
    const { random, coverage } = this.options;
    const share = this.#damage.get(server)?.at(-1) ?? 0;
    if (share === 0 || !random.chance(share)) return slice;
    coverage.count('bytes of a snapshot damaged on their way');
    const damaged = Buffer.from(slice);
    const place = random.integer(0, damaged.length - 1);
    damaged[place] = (damaged[place] ?? 0) ^ (1 << random.integer(0, 7));
    return damaged;
  }
}

/** Sends requests of one process, one over each connection. */
export class VirtualHttpClient implements HttpRequester {
  readonly #node: NodeId;
  readonly #process: VirtualProcess;
  readonly #exchange: HttpExchange;

  constructor(node: NodeId, process: VirtualProcess, exchange: HttpExchange) {
    this.#node = node;
    this.#process = process;
    this.#exchange = exchange;
  }

  async request(address: string, call: HttpCall): Promise<HttpAnswer> {
    call.signal?.throwIfAborted();
    const { network, cutting, coverage, patienceMs } = this.#exchange.options;
    const listener = this.#exchange.listener(address);
    if (listener === undefined) {
      await this.#soon();
      coverage.count('request for a snapshot refused');
      throw failed(address, 'nobody listens there');
    }
    const [near, far] = VirtualChannel.pair(
      { node: this.#node, process: this.#process },
      listener,
      network,
      cutting,
      coverage,
    );
    const answer = new Answer(address, near, this.#process, patienceMs, call.signal);
    near.signal(() => serve(this.#exchange, listener, far, `node ${this.#node}`));
    near.send([call.method ?? 'GET', call.path, { ...call.headers }]);
    return await answer.begun;
  }

  #soon(): Promise<void> {
    return new Promise((resolve) => this.#process.clock.after(1, resolve));
  }
}

/** The client's side of one request. */
class Answer implements HttpAnswer {
  /** Resolves with itself once it knows status and headers. */
  readonly begun: Promise<HttpAnswer>;
  status = 0;
  headers: HttpHeaders = {};
  readonly #address: string;
  readonly #channel: VirtualChannel;
  readonly #process: VirtualProcess;
  readonly #patienceMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #arrived: Buffer[] = [];
  #whole = false;
  #failure: unknown;
  #wake: () => void = () => {};
  #cancelPatience: () => void = () => {};
  readonly #aborted = () => this.#fail(this.#signal?.reason);

  constructor(
    address: string,
    channel: VirtualChannel,
    process: VirtualProcess,
    patienceMs: number,
    signal: AbortSignal | undefined,
  ) {
    this.#address = address;
    this.#channel = channel;
    this.#process = process;
    this.#patienceMs = patienceMs;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#aborted, { once: true });
    channel.bind({
      frame: (bytes, start, end) => this.#take(decodePayload(bytes, start, end)),
      closed: () => this.#fail(failed(address, 'the connection broke')),
    });
    this.begun = this.#begin();
  }

  async #begin(): Promise<HttpAnswer> {
    while (this.status === 0) {
      if (this.#failure !== undefined) throw this.#failure;
      await this.#more();
    }
    return this;
  }

  /** Something has to come within the time that a client waits; not while it takes in what came. */
  #wait(): void {
    this.#cancelPatience();
    this.#cancelPatience = this.#process.clock.after(this.#patienceMs, () =>
      this.#fail(failed(this.#address, `nothing came for ${this.#patienceMs} ms`)),
    );
  }

  #take(value: WireValue): void {
    if (this.#failure !== undefined || this.#whole) return;
    this.#cancelPatience();
    if (Buffer.isBuffer(value)) this.#arrived.push(Buffer.from(value));
    else if (Array.isArray(value)) {
      this.status = Number(value[0]);
      this.headers = value[1] as HttpHeaders;
    } else this.#end();
    this.#wake();
  }

  #end(): void {
    this.#whole = true;
    this.#release();
    void this.#channel.close();
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined || this.#whole) return;
    this.#failure = error;
    this.#release();
    this.#channel.destroy();
    this.#wake();
  }

  #release(): void {
    this.#cancelPatience();
    this.#signal?.removeEventListener('abort', this.#aborted);
  }

  #more(): Promise<void> {
    this.#wait();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async *chunks(): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const chunk = this.#arrived.shift();
      if (chunk !== undefined) {
        yield chunk;
        this.#channel.send('taken');
      } else if (this.#whole) return;
      else if (this.#failure !== undefined) throw this.#failure;
      else await this.#more();
    }
  }

  async body(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.chunks()) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(failed(this.#address, 'it was given up'));
  }
}

/** The server's side of one connection: runs in its process. */
function serve(
  exchange: HttpExchange,
  { node, process, handler }: Listener,
  channel: VirtualChannel,
  remote: string,
): void {
  const gone = new AbortController();
  const answering = new Answering(exchange, node, process, channel, gone);
  channel.bind({
    frame: (bytes, start, end) => {
      const value = decodePayload(bytes, start, end);
      if (!Array.isArray(value)) return answering.taken();
      const request = requestOf(value, remote, gone.signal);
      void answering.answer(handler, request);
    },
    closed: () => gone.abort(new NetError('HTTP_FAILED', `the client ${remote} is gone`)),
  });
}

function requestOf(value: readonly WireValue[], remote: string, signal: AbortSignal): HttpRequest {
  const [method, target, headers] = value;
  const url = String(target);
  const end = url.indexOf('?');
  return {
    method: String(method),
    path: end < 0 ? url : url.slice(0, end),
    query: new URLSearchParams(end < 0 ? '' : url.slice(end + 1)),
    headers: headers as HttpHeaders,
    remote,
    signal,
    body: async () => Buffer.alloc(0),
  };
}

/** One answer on its way. */
class Answering {
  readonly #exchange: HttpExchange;
  readonly #node: NodeId;
  readonly #process: VirtualProcess;
  readonly #channel: VirtualChannel;
  readonly #gone: AbortController;
  #untaken = 0;
  #wake: () => void = () => {};

  constructor(
    exchange: HttpExchange,
    node: NodeId,
    process: VirtualProcess,
    channel: VirtualChannel,
    gone: AbortController,
  ) {
    this.#exchange = exchange;
    this.#node = node;
    this.#process = process;
    this.#channel = channel;
    this.#gone = gone;
  }

  taken(): void {
    this.#untaken--;
    this.#wake();
  }

  /** What breaks off does so for the client, too, as with a real server. */
  async answer(handler: HttpHandler, request: HttpRequest): Promise<void> {
    let response: HttpResponse | undefined;
    try {
      response = await handler(request);
      await this.#send(response);
    } catch (error) {
      this.#channel.destroy();
      if (!this.#gone.signal.aborted && !ofTheDisk(error)) this.#exchange.options.onFault(error);
    }
    await response?.[Symbol.asyncDispose]?.();
  }

  async #send({ status, headers = {}, body }: HttpResponse): Promise<void> {
    this.#channel.send([status, { ...headers }]);
    let bytes = 0;
    if (body instanceof Uint8Array) bytes += await this.#sendSlices(body);
    else if (body !== undefined) {
      for await (const chunk of body) bytes += await this.#sendSlices(chunk);
    }
    const said = headers['content-length'];
    if (said !== undefined && Number(said) !== bytes) this.#channel.destroy();
    else this.#channel.send(null);
  }

  async #sendSlices(chunk: Uint8Array): Promise<number> {
    const { sliceBytes } = this.#exchange.options;
    for (let at = 0; at < chunk.byteLength; at += sliceBytes) {
      await this.#room();
      const slice = Buffer.from(chunk.subarray(at, at + sliceBytes));
      this.#untaken++;
      this.#channel.send(this.#exchange.arriving(this.#node, slice));
    }
    return chunk.byteLength;
  }

  async #room(): Promise<void> {
    const { signal } = this.#gone;
    while (this.#untaken >= WINDOW_SLICES && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const cancel = this.#process.clock.after(UNTAKEN_TIMEOUT_MS, () => {
          this.#channel.destroy();
          wake();
        });
        const wake = () => {
          cancel();
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#wake = wake;
        signal.addEventListener('abort', wake);
      });
    }
    signal.throwIfAborted();
  }
}

function failed(address: string, why: string): NetError {
  return new NetError('HTTP_FAILED', `no answer of ${address}: ${why}`);
}

/** What a file system reports. */
function ofTheDisk(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
