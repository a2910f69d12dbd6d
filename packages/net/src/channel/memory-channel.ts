import { frameOf } from '../wire/frame-codec.js';
import { FRAME_HEADER_BYTES } from '../wire/frame-header.js';
import type { WireValue } from '../wire/wire-value.js';
import type { FrameChannel, FrameChannelEvents } from './frame-channel.js';

const CLOSE = Symbol('close');

/** One end of a connection within the process; each frame arrives in a microtask of its own. */
export class MemoryChannel implements FrameChannel {
  readonly #maxFrameBytes: number;
  readonly #inbox: (Buffer | typeof CLOSE)[] = [];
  readonly #closed: Promise<void>;
  #resolveClosed: () => void = () => {};
  #inboxBytes = 0;
  /** Itself until it is paired. */
  #peer: MemoryChannel = this;
  #events: FrameChannelEvents | undefined;
  #open = true;
  #paused = false;
  #error: Error | undefined;

  private constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  /** Two connected ends. Both need their events before anything is sent. */
  static pair(maxFrameBytes: number): [MemoryChannel, MemoryChannel] {
    const one = new MemoryChannel(maxFrameBytes);
    const other = new MemoryChannel(maxFrameBytes);
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
    return this.#peer.#inboxBytes;
  }

  send(value: WireValue): void {
    if (!this.#open) return;
    this.#peer.#arrive(frameOf(value, this.#maxFrameBytes));
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    for (const _ of this.#inbox) queueMicrotask(() => this.#deliver());
  }

  close(): Promise<void> {
    if (this.#open) {
      this.#events?.flushed?.();
      this.#leave();
    }
    return this.#closed;
  }

  destroy(error?: Error): void {
    if (!this.#open) return;
    this.#error = error;
    this.#leave();
  }

  #leave(): void {
    this.#open = false;
    this.#peer.#arrive(CLOSE);
    queueMicrotask(() => this.#ended());
  }

  #arrive(item: Buffer | typeof CLOSE): void {
    this.#inbox.push(item);
    if (item !== CLOSE) this.#inboxBytes += item.length;
    queueMicrotask(() => this.#deliver());
  }

  #deliver(): void {
    if (this.#paused) return;
    const item = this.#inbox.shift();
    if (item === undefined) return;
    if (item !== CLOSE) this.#inboxBytes -= item.length;
    if (!this.#open) return;
    if (item === CLOSE) {
      this.#open = false;
      this.#ended();
    } else {
      this.#receive(item);
    }
  }

  #receive(frame: Buffer): void {
    this.#peer.#events?.flushed?.();
    try {
      this.#events?.frame(frame, FRAME_HEADER_BYTES, frame.length);
      if (this.#open) this.#events?.chunk?.();
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error), { cause: error }));
    }
  }

  #ended(): void {
    const events = this.#events;
    this.#events = undefined;
    this.#inbox.length = 0;
    this.#inboxBytes = 0;
    events?.closed(this.#error);
    this.#resolveClosed();
  }
}
