import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Link, LinkUser } from './link.js';

/** What is under way in one direction of one connection; beyond it its sender has to wait. */
export const MAX_HELD_BYTES = 256 * 1024;

/** Bytes, an end (FIN) or a break (RST). */
type Freight = Buffer | 'end' | 'reset';

interface Item {
  readonly freight: Freight;
  dueMs: number;
}

/** One direction of one connection: what comes from one socket goes to another, as the link lets it. */
export class Passage implements LinkUser {
  readonly #source: Socket;
  readonly #link: Link;
  readonly #queue: Item[] = [];
  #target: Socket | undefined;
  #heldBytes = 0;
  #lastDueMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  /** What is passed goes on its own: nothing else does until it has gone. */
  #isWriting = false;
  #isClosed = false;

  constructor(source: Socket, link: Link) {
    this.#source = source;
    this.#link = link;
    link.users.add(this);
    source.on('data', (bytes: Buffer) => this.#enqueue(bytes, bytes.length));
    source.on('end', () => this.#enqueue('end', 0));
    source.on('error', () => this.#enqueue('reset', 0));
    this.#regulate();
  }

  /** From here on it has somewhere to go. */
  open(target: Socket): void {
    this.#target = target;
    target.on('drain', () => this.#pass());
    this.#regulate();
    this.#pass();
  }

  linkChanged(): void {
    const latestMs = performance.now() + this.#link.longestDelayMs;
    for (const item of this.#queue) item.dueMs = Math.min(item.dueMs, latestMs);
    this.#lastDueMs = Math.min(this.#lastDueMs, latestMs);
    this.#regulate();
    this.#pass();
  }

  /** Nothing goes any more, and what is under way is dropped. */
  close(): void {
    this.#isClosed = true;
    this.#link.users.delete(this);
    this.#queue.length = 0;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  #enqueue(freight: Freight, bytes: number): void {
    if (this.#isClosed) return;
    this.#heldBytes += bytes;
    // TCP keeps the order, however late something comes.
    const dueMs = performance.now() + this.#link.delayMs(bytes);
    this.#lastDueMs = Math.max(this.#lastDueMs, dueMs);
    this.#queue.push({ freight, dueMs: this.#lastDueMs });
    this.#regulate();
    this.#pass();
  }

  /** The sender waits where too much is under way, and where nothing of it can be heard. */
  #regulate(): void {
    if (this.#isClosed) return;
    const isDeaf = this.#link.isCut && this.#target !== undefined;
    if (isDeaf || this.#heldBytes >= MAX_HELD_BYTES) this.#source.pause();
    else this.#source.resume();
  }

  #pass(): void {
    clearTimeout(this.#timer);
    while (this.#passNext());
  }

  /** Whether something went: there may be more. */
  #passNext(): boolean {
    const target = this.#openTarget();
    const [item] = this.#queue;
    if (target === undefined || item === undefined) return false;
    const nowMs = performance.now();
    if (item.dueMs > nowMs) return this.#passAt(item.dueMs, nowMs);
    if (item.freight instanceof Buffer) return this.#passBytes(target, item.freight, nowMs);
    this.#queue.shift();
    if (item.freight === 'end') target.end();
    else resetSocket(target);
    return true;
  }

  /** Undefined where nothing can go there for the moment. */
  #openTarget(): Socket | undefined {
    const target = this.#target;
    const isOpen = !this.#isClosed && !this.#isWriting && !this.#link.isCut;
    return isOpen && target?.destroyed === false && !target.writableNeedDrain ? target : undefined;
  }

  #passAt(dueMs: number, nowMs: number): false {
    this.#timer = setTimeout(() => this.#pass(), Math.ceil(dueMs - nowMs));
    return false;
  }

  #passBytes(target: Socket, bytes: Buffer, nowMs: number): boolean {
    const length = this.#link.takeBytes(bytes.length, nowMs);
    if (length === 0) return this.#passAt(this.#link.freeAtMs, nowMs);
    const rest = bytes.subarray(length);
    if (rest.length === 0) this.#queue.shift();
    else this.#queue[0] = { freight: rest, dueMs: nowMs };
    this.#heldBytes -= length;
    this.#write(target, bytes.subarray(0, length));
    this.#regulate();
    return true;
  }

  #write(target: Socket, bytes: Buffer): void {
    if (!this.#link.isSliced) {
      target.write(bytes);
      return;
    }
    this.#isWriting = true;
    target.write(bytes, () => {
      this.#immediate = setImmediate(() => {
        this.#isWriting = false;
        this.#pass();
      });
    });
  }
}

/** Breaks the connection, once there is one, as far as the socket allows: one that is closing already just closes. */
export function resetSocket(socket: Socket): void {
  const isClosing = socket.writableEnded && !socket.writableFinished;
  if (socket.destroyed) return;
  if (isClosing) socket.destroy();
  else socket.resetAndDestroy();
}
