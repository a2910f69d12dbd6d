import type { Socket } from 'node:net';
import { NetError } from '../errors.js';
import { encodeFrame } from '../wire/frame-codec.js';
import { EMPTY_FRAME } from '../wire/frame-header.js';
import type { WireValue } from '../wire/wire-value.js';
import type { FrameChannel, FrameChannelEvents } from './frame-channel.js';
import { FrameReader } from './frame-reader.js';
import { GatheringBuffer } from './gathering-buffer.js';
import { GreetingReader, greetingLine, type Protocol, refusalText } from './greeting-line.js';
import { isHeldUp } from './held-up.js';
import type { SharedBytes } from './shared-bytes.js';

/** Why there is no channel, where the other side closed the connection without a word. */
export const CLOSED_UNGREETED = 'closed before it was greeted';

/** Milliseconds that a closing connection waits for the peer to take what is queued. */
const CLOSE_GRACE_MS = 1_000;

/** Bytes of the buffer that a turn's frames go into, as it starts. */
const SMALLEST_FLUSH_BYTES = 1024;
const LARGEST_FLUSH_START_BYTES = 64 * 1024;

export interface FramedSocketOptions {
  readonly protocol: Protocol;
  /** Bytes of one frame's payload, in both directions. */
  readonly maxFrameBytes: number;
  /** Frames of which only a beginning has arrived: what all connections of a server may hold. */
  readonly incomplete?: SharedBytes;
  /** What the other side has not taken: what all connections of a server may hold. */
  readonly untaken?: SharedBytes;
  /** The last frame to the other side of a connection that is cut off: says why. */
  readonly farewell?: (reason: string) => WireValue;
  /** The other side's greeting has arrived, or what arrived is none; throwing refuses it, too. */
  readonly greeted: (text: string) => FrameChannelEvents;
  /** Closed before it was greeted. Called once, in place of the events' `closed`. */
  readonly failed: (error: Error) => void;
}

/** One TCP connection that carries a greeting line and then frames. */
export class FramedSocket implements FrameChannel {
  /** As one of those that share what may be held of what arrives, and of what waits to be taken. */
  readonly #incoming = {
    stopped: false,
    cutOff: (reason: string) => this.cutOff(reason),
  };
  readonly #untaken = {
    stopped: false,
    cutOff: (reason: string) => this.destroy(new NetError('MESSAGE_INVALID', reason)),
  };
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
    return `${this.remoteHost}:${this.#socket.remotePort ?? '?'}`;
  }

  get remoteHost(): string {
    return this.#socket.remoteAddress ?? '?';
  }

  /** Writes a greeting line at once, in front of all frames. */
  greet(text: string): void {
    if (this.#open) this.#socket.write(greetingLine(this.#options.protocol, text));
  }

  /** Writes a greeting line that says why, then closes. */
  refuse(error: Error): void {
    if (!this.#open) return;
    this.#open = false;
    this.#error ??= error;
    this.#socket.write(greetingLine(this.#options.protocol, refusalText(error)));
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
    this.#incoming.stopped = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#incoming.stopped = false;
    this.#socket.resume();
  }

  close(): Promise<void> {
    if (this.#open) {
      this.#leave();
      this.#socket.destroySoon();
    }
    return this.closed;
  }

  destroy(error?: Error): void {
    this.#error ??= error;
    this.#open = false;
    this.#letGo();
    this.#socket.destroy();
  }

  /** Sends what is queued and nothing more, and has the connection gone soon. */
  #leave(): void {
    this.#flush();
    this.#open = false;
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_GRACE_MS);
    void this.closed.then(() => clearTimeout(timer));
  }

  /**
   * Closes soon, and tells the other side why. What it still sends is dropped: unread, it would
   * erase the reason.
   */
  cutOff(reason: string): void {
    if (!this.#open) return;
    this.#error ??= new NetError('MESSAGE_INVALID', reason);
    const { farewell } = this.#options;
    if (farewell !== undefined) this.send(farewell(reason));
    this.#leave();
    this.#letGo();
    this.#socket.end();
  }

  #letGo(): void {
    this.#outgoing.clear();
    this.#reader.clear();
    this.#options.incomplete?.release(this.#incoming);
    this.#options.untaken?.release(this.#untaken);
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
    this.#write(bytes);
    this.#events?.flushed?.();
  }

  #write(bytes: Buffer): void {
    const { untaken } = this.#options;
    if (untaken === undefined) {
      this.#socket.write(bytes);
      return;
    }
    this.#socket.write(bytes, this.#taken);
    const { writableLength } = this.#socket;
    if (writableLength > 0) untaken.hold(this.#untaken, writableLength, 'grew');
  }

  /** The other side has taken something. */
  readonly #taken = (): void => {
    if (this.#open) {
      this.#options.untaken?.hold(this.#untaken, this.#socket.writableLength, 'began');
    }
  };

  #receive(chunk: Buffer): void {
    if (!this.#open) return;
    if (isHeldUp(this.#silentIntervals, this.#trustedSilentIntervals)) {
      this.destroy(new Error('it was silent for long, and what it brings then may be old'));
      return;
    }
    try {
      const rest = this.#events === undefined ? this.#greet(chunk) : chunk;
      const events = this.#events;
      if (rest === undefined || events === undefined) return;
      let completed = false;
      this.#reader.push(rest, (bytes, start, end) => {
        completed = true;
        // A sign of life is empty: that it has arrived was all.
        if (this.#open && start !== end) events.frame(bytes, start, end);
      });
      if (this.#open) events.chunk?.();
      if (this.#open) this.#holdIncomplete(completed);
    } catch (error) {
      this.#broken(error);
    }
  }

  #holdIncomplete(completed: boolean): void {
    const { incomplete } = this.#options;
    const { heldBytes } = this.#reader;
    incomplete?.hold(this.#incoming, heldBytes, completed ? 'began' : 'went-on');
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
      this.refuse(error);
    } else {
      this.destroy(error);
    }
  }

  #ended(): void {
    this.#open = false;
    this.#letGo();
    if (this.#events !== undefined) this.#events.closed(this.#error);
    else {
      this.#options.failed(this.#error ?? new NetError('MESSAGE_INVALID', CLOSED_UNGREETED));
    }
  }
}
