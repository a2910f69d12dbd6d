import type { Coverage } from '../coverage.js';
import type { VirtualProcess } from '../process.js';
import type { Random } from '../random.js';
import type { VirtualTime } from '../time.js';
import { type Blockage, Link, type NodeId, type Packet, Stream, type StreamEnds } from './link.js';

export interface NetworkOptions {
  /** Mean of what a packet takes. */
  readonly delayMs: number;
  /** Share of packets that take ten times as long and more. */
  readonly lateRate: number;
}

/** Before a side tries again to tell the other that a connection is no more. */
const REPEAT_MIN_MS = 200;
const REPEAT_MAX_MS = 5000;

/** What becomes of some of the messages between members. */
export interface Disturbance {
  /** Share that gets lost on its own, as when a sender's queue is full. */
  readonly loss?: number;
  /** Share that arrives a second time, later. */
  readonly duplication?: number;
  /** Share that leaves its place in the order and arrives on its own. */
  readonly reordering?: number;
  /** Mean of what those take longer that arrive out of order. */
  readonly strayMs?: number;
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
  #disturbances: Disturbance[] = [];

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
      link = new Link(from, to);
      this.#links.set(key, link);
    }
    return link;
  }

  /** Opens an ordered stream; `ends` are told when it breaks, and not of its orderly end. */
  open(from: NodeId, to: NodeId, ends: StreamEnds = {}): Stream {
    return new Stream(this.#link(from, to), ends);
  }

  /** Streams between one machine and others, both ways. */
  streamsWith(node: NodeId, others: readonly NodeId[]): number {
    let streams = 0;
    for (const other of others) {
      streams += this.#link(node, other).streams.size + this.#link(other, node).streams.size;
    }
    return streams;
  }

  /** Sends over a stream; `arrive` runs in the receiver's process. */
  send(stream: Stream, arrive: () => void): void {
    if (stream.broken) return;
    const { link } = stream;
    const atMs = this.#time.nowMs + this.#delayMs() + link.extraDelayMs;
    stream.lastArrivalMs = Math.max(stream.lastArrivalMs, atMs);
    const packet: Packet = { stream, link, arrive, repeated: false, lost: false };
    stream.underWay.push(packet);
    this.#time.at(stream.lastArrivalMs, () => this.#arrived(packet));
  }

  /** Sends on its own, late: in no order with anything else. */
  #stray(from: NodeId, to: NodeId, strayMs: number, arrive: () => void): void {
    const link = this.#link(from, to);
    const packet: Packet = { stream: undefined, link, arrive, repeated: false, lost: false };
    const delayMs = this.#delayMs() + link.extraDelayMs + this.#random.exponential(strayMs);
    this.#time.after(delayMs, () => this.#arrived(packet));
  }

  #delayMs(): number {
    const { delayMs, lateRate } = this.#options;
    const delay = delayMs * 0.5 + this.#random.exponential(delayMs * 0.5);
    if (!this.#random.chance(lateRate)) return delay;
    this.#coverage.count('packet late');
    return delay * this.#random.magnitude(10, 200);
  }

  #arrived(packet: Packet): void {
    if (packet.lost) return;
    const { stream, link } = packet;
    if (link.blockage === 'hold') {
      this.#coverage.count('packet held up');
      link.held.push(packet);
      return;
    }
    if (link.blockage !== undefined) {
      this.#coverage.count('packet lost to a partition');
      if (stream !== undefined) this.#breakAt(stream, packet);
      else if (packet.repeated) {
        const delayMs = this.#random.magnitude(REPEAT_MIN_MS, REPEAT_MAX_MS);
        this.#time.after(delayMs, () => this.#arrived(packet));
      }
      return;
    }
    if (stream !== undefined && stream.underWay.shift() !== packet) {
      throw new Error(`packets from ${link.from} to ${link.to} arrived out of order`);
    }
    const process = this.process(link.to);
    if (process !== undefined) process.deliver(packet.arrive);
    // Nobody is there: whoever sent it finds out.
    else if (stream !== undefined) this.break(stream);
  }

  /** A stream with a gap delivers nothing that stands behind it: it is broken. */
  #breakAt(stream: Stream, packet: Packet): void {
    const { underWay } = stream;
    for (const lost of underWay.splice(underWay.indexOf(packet))) lost.lost = true;
    this.break(stream);
  }

  /** Returns what ends it. */
  disturb(disturbance: Disturbance): () => void {
    this.#disturbances.push(disturbance);
    return () => {
      this.#disturbances = this.#disturbances.filter((other) => other !== disturbance);
    };
  }

  /**
   * Whether a message from one member to another takes its place in their stream. `strays` is called
   * for each copy that travels on its own; what it returns runs when that arrives.
   */
  keepsMessage(from: NodeId, to: NodeId, strays: () => () => void): boolean {
    if (this.#disturbances.length === 0) return true;
    for (const { loss = 0, duplication = 0, reordering = 0, strayMs = 0 } of this.#disturbances) {
      if (loss > 0 && this.#random.chance(loss)) {
        this.#coverage.count('message lost');
        return false;
      }
      if (duplication > 0 && this.#random.chance(duplication)) {
        this.#coverage.count('message duplicated');
        this.#stray(from, to, strayMs, strays());
      }
      if (reordering > 0 && this.#random.chance(reordering)) {
        this.#coverage.count('message out of order');
        this.#stray(from, to, strayMs, strays());
        return false;
      }
    }
    return true;
  }

  /** Returns what ends the blockage. */
  block(from: NodeId, to: NodeId, blockage: Blockage): () => void {
    const link = this.#link(from, to);
    const unblock = link.block(blockage);
    return () => {
      if (!unblock()) return;
      const { held } = link;
      link.held = [];
      for (const packet of held) this.#time.after(0, () => this.#arrived(packet));
    };
  }

  /** What becomes of an attempt to connect: none for no answer. */
  attempt(from: NodeId, to: NodeId): 'accepted' | 'refused' | 'none' {
    const there = this.#link(from, to).blockage;
    if (there === 'refuse') return 'refused';
    if (there !== undefined || this.#link(to, from).blockage !== undefined) return 'none';
    return this.process(to) === undefined ? 'refused' : 'accepted';
  }

  blocked(from: NodeId, to: NodeId): boolean {
    return this.#link(from, to).blockage !== undefined;
  }

  /** Both ways; returns what ends it. */
  slowDown(a: NodeId, b: NodeId, extraDelayMs: number): () => void {
    const links = [this.#link(a, b), this.#link(b, a)];
    for (const link of links) link.extraDelayMs += extraDelayMs;
    return () => {
      for (const link of links) link.extraDelayMs = Math.max(0, link.extraDelayMs - extraDelayMs);
    };
  }

  /** Breaks a stream: a first part of what is on its way arrives, late, and the rest is lost. */
  break(stream: Stream): void {
    if (stream.broken) return;
    const { link } = stream;
    const survivors = this.#random.integer(0, stream.underWay.length);
    const late = this.#random.chance(0.5) ? this.#random.magnitude(5, 1500) : 0;
    const underWay = stream.underWay.splice(0);
    const delayMs = Math.max(stream.lastArrivalMs - this.#time.nowMs, 0) + late;
    const arriveAlone = (arrive: () => void, repeated: boolean) => {
      const again: Packet = { stream: undefined, link, arrive, repeated, lost: false };
      this.#time.after(delayMs, () => this.#arrived(again));
    };
    for (const [place, packet] of underWay.entries()) {
      packet.lost = true;
      if (place >= survivors) continue;
      if (late > 0) this.#coverage.count('packet of a broken stream late');
      arriveAlone(packet.arrive, false);
    }
    link.held = link.held.filter((packet) => !packet.lost);
    stream.end();
    const { broken, reset } = stream.ends;
    if (reset !== undefined) arriveAlone(reset, true);
    broken?.();
  }

  /** Its receiver closes a stream: nothing of what is on its way arrives. */
  abandon(stream: Stream): void {
    for (const packet of stream.underWay) packet.lost = true;
    stream.underWay.length = 0;
    this.break(stream);
  }

  /** Breaks every stream from one machine to another, as when a connection is reset. */
  breakStreams(from: NodeId, to: NodeId): void {
    for (const stream of [...this.#link(from, to).streams]) this.break(stream);
  }

  /** What a machine's end does to the network: nothing reaches it; what it sent may arrive. */
  lost(node: NodeId): void {
    for (const link of this.#links.values()) {
      if (link.to !== node && link.from !== node) continue;
      for (const stream of [...link.streams]) {
        if (link.to === node) this.abandon(stream);
        else this.break(stream);
      }
    }
  }
}
