import type { FrameChannel, FrameChannelEvents, WireValue } from '@raft-ts/net';
import { FrameReader } from '@raft-ts/net/testing';
import type { Coverage } from '../coverage.js';
import type { VirtualProcess } from '../process.js';
import { type Cutting, FrameStream, MAX_FRAME_BYTES } from './frame-stream.js';
import type { NodeId, Stream } from './link.js';
import type { VirtualNetwork } from './network.js';

/** One side of a connection. */
export interface ChannelSide {
  readonly node: NodeId;
  readonly process: VirtualProcess;
}

const BROKEN = 'the connection broke';

/**
 * One end of a connection between two processes: frames as bytes, over a stream each way. Whoever
 * finds out that a stream is broken is told at once, the other side behind what still arrives there,
 * or long after that, if the network loses it too: till then its connection stands half open.
 */
export class VirtualChannel implements FrameChannel {
  readonly #process: VirtualProcess;
  readonly #network: VirtualNetwork;
  readonly #coverage: Coverage;
  readonly #stream: Stream;
  readonly #outgoing: FrameStream;
  readonly #reader = new FrameReader(MAX_FRAME_BYTES);
  readonly #closed: Promise<void>;
  #resolveClosed: () => void = () => {};
  /** Itself until it is paired. */
  #peer: VirtualChannel = this;
  #events: FrameChannelEvents | undefined;
  #open = true;
  /** Arrived while it was paused. */
  #inbox: Buffer[] = [];
  #paused = false;

  private constructor(
    from: ChannelSide,
    to: ChannelSide,
    network: VirtualNetwork,
    cutting: Cutting,
    coverage: Coverage,
  ) {
    this.#coverage = coverage;
    this.#process = from.process;
    this.#network = network;
    this.#stream = network.open(from.node, to.node, {
      broken: () => this.#broken(),
      reset: () => this.#peer.#end(new Error(BROKEN)),
    });
    this.#outgoing = new FrameStream(
      network,
      this.#stream,
      cutting,
      (piece) => this.#peer.#arrived(piece),
      () => this.#events?.flushed?.(),
    );
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  /** Two connected ends. Each needs its events before anything is sent to it. */
  static pair(
    near: ChannelSide,
    far: ChannelSide,
    network: VirtualNetwork,
    cutting: Cutting,
    coverage: Coverage,
  ): [near: VirtualChannel, far: VirtualChannel] {
    const one = new VirtualChannel(near, far, network, cutting, coverage);
    const other = new VirtualChannel(far, near, network, cutting, coverage);
    one.#peer = other;
    other.#peer = one;
    return [one, other];
  }

  bind(events: FrameChannelEvents): void {
    this.#events = events;
  }

  get open(): boolean {
    return this.#open;
  }

  get queuedBytes(): number {
    return this.#outgoing.queuedBytes;
  }

  /** Runs `arrive` at the other side, behind what was sent: how a connection is made and ends. */
  signal(arrive: () => void): void {
    this.#network.send(this.#stream, arrive);
  }

  send(value: WireValue): void {
    if (!this.#open) return;
    this.#outgoing.send(value);
    // It is half open: whoever sends over it is told.
    if (!this.#stream.broken) return;
    this.#coverage.count('connection half open');
    this.#soon(() => this.#end(new Error(BROKEN)));
  }

  pause(): void {
    this.#coverage.count('requests not taken in at a limit');
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#soon(() => this.#takeIn());
  }

  close(): Promise<void> {
    if (this.#open) {
      this.#outgoing.flush();
      this.#open = false;
      this.signal(() => this.#peer.#finished());
      this.#soon(() => this.#end(undefined));
    }
    return this.#closed;
  }

  destroy(error?: Error): void {
    if (!this.#open) return;
    this.#open = false;
    this.#outgoing.clear();
    this.#soon(() => this.#end(error));
    this.#network.break(this.#stream);
  }

  /** Nothing gets through any more in either direction: this side has found out. */
  #broken(): void {
    if (this.#peer.#stream.broken) return;
    this.#network.break(this.#peer.#stream);
    if (this.#open) this.#process.deliver(() => this.#end(new Error(BROKEN)));
  }

  /** The other side has closed it in good order. */
  #finished(): void {
    this.#peer.#stream.end();
    this.#stream.end();
    this.#end(undefined);
  }

  #soon(action: () => void): void {
    this.#process.clock.after(0, action);
  }

  #arrived(piece: Buffer): void {
    this.#inbox.push(piece);
    this.#takeIn();
  }

  #takeIn(): void {
    while (this.#open && !this.#paused && !this.#process.ended) {
      const piece = this.#inbox.shift();
      if (piece === undefined) return;
      this.#receive(piece);
    }
  }

  #receive(piece: Buffer): void {
    try {
      this.#reader.push(piece, (bytes, start, end) => {
        if (this.#open) this.#events?.frame(bytes, start, end);
      });
      if (this.#open) this.#events?.chunk?.();
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error), { cause: error }));
    }
  }

  #end(error: Error | undefined): void {
    // What tells it may come to the process that runs on the machine next.
    const events = this.#process.ended ? undefined : this.#events;
    this.#events = undefined;
    this.#open = false;
    this.#inbox = [];
    this.#outgoing.clear();
    events?.closed(error);
    this.#resolveClosed();
  }
}
