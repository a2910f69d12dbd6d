import type { MemberId } from 'raft-ts';
import type { VirtualTime } from './clock.js';
import type { Coverage } from './coverage.js';
import type { VirtualProcess } from './process.js';
import type { Random } from './random.js';

/** A machine on the network: a member's id, or a client's number. */
export type NodeId = MemberId;

/** What happens to packets at a blocked link: lost, or late by as long as it stays blocked. */
export type Blockage = 'drop' | 'hold';

/** How one direction between two machines behaves. */
interface Link {
  readonly streams: Set<Stream>;
  blockage: Blockage | undefined;
  held: Packet[];
  /** Added to every packet's delay. */
  extraDelayMs: number;
}

interface Packet {
  readonly stream: Stream;
  readonly arrive: () => void;
  lost: boolean;
}

export interface NetworkOptions {
  /** Mean of what a packet takes. */
  readonly delayMs: number;
  /** Share of packets that take ten times as long and more. */
  readonly lateRate: number;
}

/**
 * Machines and the links between them. Packets of one stream keep their order and arrive, late
 * or in time, unless the stream breaks: then a first part of what was on its way still arrives,
 * possibly behind what a new stream brings.
 */
export class VirtualNetwork {
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #options: NetworkOptions;
  readonly #coverage: Coverage;
  readonly #links = new Map<number, Link>();
  readonly #processes = new Map<NodeId, VirtualProcess>();
  /** Share of Raft messages that get lost on their own, as when a sender's queue is full. */
  lossRate = 0;

  constructor(time: VirtualTime, random: Random, options: NetworkOptions, coverage: Coverage) {
    this.#time = time;
    this.#random = random;
    this.#options = options;
    this.#coverage = coverage;
  }

  /** The process that now runs on a machine, and takes in what reaches it. */
  attach(node: NodeId, process: VirtualProcess): void {
    this.#processes.set(node, process);
  }

  process(node: NodeId): VirtualProcess | undefined {
    const process = this.#processes.get(node);
    return process?.ended === true ? undefined : process;
  }

  #link(from: NodeId, to: NodeId): Link {
    const key = from * 65_536 + to;
    let link = this.#links.get(key);
    if (link === undefined) {
      link = { streams: new Set(), blockage: undefined, held: [], extraDelayMs: 0 };
      this.#links.set(key, link);
    }
    return link;
  }

  /** Opens an ordered stream. `onBroken` is told when it ends before `close`. */
  open(from: NodeId, to: NodeId, onBroken: () => void = () => {}): Stream {
    const { streams } = this.#link(from, to);
    const stream = new Stream(from, to, onBroken, () => streams.delete(stream));
    streams.add(stream);
    return stream;
  }

  /** Sends over a stream; `arrive` runs in the receiver's process. */
  send(stream: Stream, arrive: () => void): void {
    if (stream.broken) return;
    const link = this.#link(stream.from, stream.to);
    const atMs = this.#time.nowMs + this.#delayMs() + link.extraDelayMs;
    stream.lastArrivalMs = Math.max(stream.lastArrivalMs, atMs);
    const packet: Packet = { stream, arrive, lost: false };
    stream.underWay.push(packet);
    this.#time.after(stream.lastArrivalMs - this.#time.nowMs, () => this.#arrived(link, packet));
  }

  #delayMs(): number {
    const { delayMs, lateRate } = this.#options;
    const delay = delayMs * 0.5 + this.#random.exponential(delayMs * 0.5);
    if (!this.#random.chance(lateRate)) return delay;
    this.#coverage.count('packet late');
    return delay * this.#random.magnitude(10, 200);
  }

  #arrived(link: Link, packet: Packet): void {
    if (packet.lost) return;
    if (link.blockage === 'hold') {
      this.#coverage.count('packet held up');
      link.held.push(packet);
      return;
    }
    packet.stream.underWay.shift();
    if (link.blockage === 'drop') {
      this.#coverage.count('packet lost to a partition');
      // A stream with a gap delivers nothing more: it is broken, and the sender finds out.
      this.break(packet.stream);
      return;
    }
    this.process(packet.stream.to)?.deliver(packet.arrive);
  }

  /** Whether a lone message gets lost now. */
  losesMessage(): boolean {
    if (this.lossRate === 0 || !this.#random.chance(this.lossRate)) return false;
    this.#coverage.count('message lost');
    return true;
  }

  block(from: NodeId, to: NodeId, blockage: Blockage): void {
    this.#link(from, to).blockage = blockage;
  }

  unblock(from: NodeId, to: NodeId): void {
    const link = this.#link(from, to);
    link.blockage = undefined;
    const held = link.held;
    link.held = [];
    for (const packet of held) this.#time.after(0, () => this.#arrived(link, packet));
  }

  blocked(from: NodeId, to: NodeId): boolean {
    return this.#link(from, to).blockage !== undefined;
  }

  slowDown(from: NodeId, to: NodeId, extraDelayMs: number): void {
    this.#link(from, to).extraDelayMs = extraDelayMs;
  }

  /** Breaks a stream: a first part of what is on its way arrives, late, and the rest is lost. */
  break(stream: Stream): void {
    if (stream.broken) return;
    const link = this.#link(stream.from, stream.to);
    const survivors = this.#random.integer(0, stream.underWay.length);
    const late = this.#random.chance(0.5) ? this.#random.magnitude(5, 1500) : 0;
    const underWay = stream.underWay.splice(0);
    for (const [place, packet] of underWay.entries()) {
      packet.lost = true;
      if (place >= survivors) continue;
      if (late > 0) this.#coverage.count('packet of a broken stream late');
      const again: Packet = { stream, arrive: packet.arrive, lost: false };
      const delayMs = Math.max(stream.lastArrivalMs - this.#time.nowMs, 0) + late;
      this.#time.after(delayMs, () => this.#arrived(link, again));
    }
    link.held = link.held.filter((packet) => !packet.lost);
    stream.end();
    stream.onBroken();
  }

  /** Breaks every stream between two machines, as when a connection is reset. */
  breakStreams(from: NodeId, to: NodeId): void {
    for (const stream of [...this.#link(from, to).streams]) this.break(stream);
  }

  /** What a machine's end does to the network: nothing reaches it; what it sent may arrive. */
  lost(node: NodeId): void {
    for (const link of this.#links.values()) {
      for (const stream of [...link.streams]) {
        if (stream.to === node) {
          for (const packet of stream.underWay) packet.lost = true;
          stream.underWay.length = 0;
          link.held = link.held.filter((packet) => !packet.lost);
        }
        if (stream.to === node || stream.from === node) this.break(stream);
      }
    }
  }

  /** Every link works again as at the beginning. */
  heal(): void {
    this.lossRate = 0;
    for (const [key, link] of this.#links) {
      link.extraDelayMs = 0;
      this.unblock(Math.floor(key / 65_536), key % 65_536);
    }
  }
}

/** An ordered flow of packets from one machine to another. */
export class Stream {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly onBroken: () => void;
  readonly underWay: Packet[] = [];
  readonly #onEnd: () => void;
  lastArrivalMs = 0;
  broken = false;

  constructor(from: NodeId, to: NodeId, onBroken: () => void, onEnd: () => void) {
    this.from = from;
    this.to = to;
    this.onBroken = onBroken;
    this.#onEnd = onEnd;
  }

  /** Nothing more can be sent over it; what is on its way arrives. */
  end(): void {
    this.broken = true;
    this.#onEnd();
  }
}
