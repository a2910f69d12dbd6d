import type { Socket } from 'node:net';
import { NetError } from '../errors.js';
import { encodeFrame } from '../wire/frame-codec.js';
import { EMPTY_FRAME } from '../wire/frame-header.js';
import type { WireValue } from '../wire/wire-value.js';
import type { FrameChannel, FrameChannelEvents } from './frame-channel.js';
import { FrameReader } from './frame-reader.js';
import { GatheringBuffer } from './gathering-buffer.js';
import { GreetingReader, greetingLine, type Protocol } from './greeting-line.js';

/** Milliseconds that a closing connection waits for the peer to take what is queued. */
const CLOSE_GRACE_MS = 1_000;

/** Bytes of the buffer that a turn's frames go into, as it starts. */
const SMALLEST_FLUSH_BYTES = 1024;
const LARGEST_FLUSH_START_BYTES = 64 * 1024;

export interface FramedSocketOptions {
  readonly protocol: Protocol;
  /** Bytes of one frame's payload, in both directions. */
  readonly maxFrameBytes: number;
  /** The other side's greeting has arrived, or what arrived is none; throwing refuses it, too. */
  readonly greeted: (text: string) => FrameChannelEvents;
  /** Closed before it was greeted. Called once, in place of the events' `closed`. */
  readonly failed: (error: Error) => void;
}

/** One TCP connection that carries a greeting line and then frames. */
export class FramedSocket implements FrameChannel {
  readonly #socket: Socket;
  readonly #options: FramedSocketOptions;
  readonly #greeting: GreetingReader;
  readonly #reader: FrameReader;
  readonly #outgoing = new GatheringBuffer(SMALLEST_FLUSH_BYTES, LARGEST_FLUSH_START_BYTES);
  /** Resolves once the socket is closed. */
  readonly closed: Promise<void>;
  #events: FrameChannelEvents | undefined;
  #flushScheduled = false;
  #open = true;
  /** What had arrived when `keepAlive` was last called, and calls since without more. */
  #bytesSeen = 0;
  #silentIntervals = 0;
  #trustedSilentIntervals = Number.POSITIVE_INFINITY;
  #error: Error | undefined;

  constructor(socket: Socket, options: FramedSocketOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#greeting = new GreetingReader(options.protocol);
    this.#reader = new FrameReader(options.maxFrameBytes);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error: Error) => {
      this.#error ??= error;
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#ended();
        resolve();
      });
    });
  }

  get open(): boolean {
    return this.#open;
  }

  get queuedBytes(): number {
    return this.#outgoing.length + this.#socket.writableLength;
  }

  /** The other side's address. */
  get remote(): string {
    return `${this.#socket.remoteAddress ?? '?'}:${this.#socket.remotePort ?? '?'}`;
  }

  /** Writes a greeting line at once, in front of all frames. */
  greet(text: string): void {
    if (this.#open) this.#socket.write(greetingLine(this.#options.protocol, text));
  }

  /** Writes a greeting line that says why, then closes. */
  refuse(reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#error ??= new NetError('MESSAGE_INVALID', reason);
    this.#socket.write(greetingLine(this.#options.protocol, `refused: ${reason}`));
    this.#socket.destroySoon();
  }

  send(value: WireValue): void {
    if (!this.#open) return;
    encodeFrame(value, this.#options.maxFrameBytes, (bytes, start, end) =>
      this.#outgoing.append(bytes, start, end),
    );
    this.#scheduleFlush();
  }

  /**
   * Sends a sign of life, an empty frame, and closes the connection when nothing at all has
   * arrived for more than `maxSilentIntervals` calls. To be called at regular intervals on both
   * sides. It counts calls, not time: a process that was stopped does not blame the others.
   *
   * What arrives after `trustedSilentIntervals` without anything was held up on the way and may be
   * as old as the silence: it closes the connection, too, and is not handed over.
   */
  keepAlive(maxSilentIntervals: number, trustedSilentIntervals = Number.POSITIVE_INFINITY): void {
    if (!this.#open) return;
    this.#trustedSilentIntervals = trustedSilentIntervals;
    const { bytesRead } = this.#socket;
    this.#silentIntervals = bytesRead === this.#bytesSeen ? this.#silentIntervals + 1 : 0;
    this.#bytesSeen = bytesRead;
    if (this.#silentIntervals > maxSilentIntervals) {
      this.destroy(new Error('no sign of life from the other side'));
      return;
    }
    this.#outgoing.append(EMPTY_FRAME, 0, EMPTY_FRAME.length);
    this.#scheduleFlush();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): Promise<void> {
    if (this.#open) {
      this.#flush();
      this.#open = false;
      this.#socket.destroySoon();
      const timer = setTimeout(() => this.#socket.destroy(), CLOSE_GRACE_MS);
      void this.closed.then(() => clearTimeout(timer));
    }
    return this.closed;
  }

  destroy(error?: Error): void {
    this.#error ??= error;
    this.#open = false;
    this.#outgoing.clear();
    this.#socket.destroy();
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    // After everything that this turn has to send, before the next one.
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#flushScheduled = false;
    const bytes = this.#outgoing.take();
    if (bytes.length === 0 || !this.#open) return;
    this.#socket.write(bytes);
    this.#events?.flushed?.();
  }

  #receive(chunk: Buffer): void {
    if (!this.#open) return;
    if (this.#silentIntervals >= this.#trustedSilentIntervals) {
      this.destroy(new Error('it was silent for long, and what it brings then may be old'));
      return;
    }
    try {
      const rest = this.#events === undefined ? this.#greet(chunk) : chunk;
      const events = this.#events;
      if (rest === undefined || events === undefined) return;
      this.#reader.push(rest, (bytes, start, end) => {
        // A sign of life is empty: that it has arrived was all.
        if (this.#open && start !== end) events.frame(bytes, start, end);
      });
      if (this.#open) events.chunk?.();
    } catch (error) {
      this.#broken(error);
    }
  }

  /** Returns the bytes behind the greeting once it is there. */
  #greet(chunk: Buffer): Buffer | undefined {
    const greeting = this.#greeting.push(chunk);
    if (greeting === undefined) return undefined;
    this.#events = this.#options.greeted(greeting.text);
    return greeting.rest;
  }

  #broken(cause: unknown): void {
    const error = cause instanceof Error ? cause : new Error(String(cause), { cause });
    if (this.#events === undefined) {
      this.#error ??= error;
      this.refuse(error.message);
    } else {
      this.destroy(error);
    }
  }

  #ended(): void {
    this.#open = false;
    this.#outgoing.clear();
    if (this.#events !== undefined) this.#events.closed(this.#error);
    else {
      this.#options.failed(
        this.#error ?? new NetError('MESSAGE_INVALID', 'closed before it was greeted'),
      );
    }
  }
}
