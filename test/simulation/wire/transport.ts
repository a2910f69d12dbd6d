import { decodePayload, type FrameListener } from '@raft-ts/net';
import { FrameReader, frameOf, isHeldUp } from '@raft-ts/net/testing';
import type { MemberId, Message, Transport, TransportCounters } from 'raft-ts';
import {
  decodeMessages,
  defaultTcpLimits,
  encodeMessages,
  trustedSilentIntervals,
} from 'raft-ts/testing';
import type { VirtualProcess } from '../process.js';
import type { Random } from '../random.js';
import type { VirtualTime } from '../time.js';
import { type Cutting, FrameStream, MAX_FRAME_BYTES } from './frame-stream.js';
import type { Stream } from './link.js';
import type { VirtualNetwork } from './network.js';

export interface MessageExchangeOptions {
  readonly network: VirtualNetwork;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly cutting: Cutting;
  /** Told of each message that a member sends, and of each that reaches one. */
  readonly onSend: (message: Message) => void;
  readonly onReceive: (message: Message) => void;
  /** A member is told that another one's process has ended. */
  readonly onEnded: (member: MemberId, ended: MemberId) => void;
  /** As of the product's transport: longer silence makes what a connection brings then the past. */
  readonly trustedSilenceMs: number;
  /** A member takes in what was held up on its way so long, or closes a connection because of it. */
  readonly onBelieved: (member: MemberId, from: MemberId, heldUpMs: number) => void;
  readonly onHeldUp: () => void;
  /** A member has not understood another, which may never happen. */
  readonly onFault: (error: unknown) => void;
}

/** Where the transports of a cluster's members find each other. */
export class MessageExchange {
  readonly options: MessageExchangeOptions;
  readonly #receivers = new Map<MemberId, (message: Message) => void>();

  constructor(options: MessageExchangeOptions) {
    this.options = options;
  }

  listen(id: MemberId, receive: ((message: Message) => void) | undefined): void {
    if (receive === undefined) this.#receivers.delete(id);
    else this.#receivers.set(id, receive);
  }

  listens(id: MemberId): boolean {
    return this.#receivers.has(id);
  }

  /** One frame has arrived: what the receiver gets is its own, whoever holds what was sent. */
  deliver(from: MemberId, to: MemberId, bytes: Buffer, start: number, end: number): void {
    const messages = this.#decode(from, to, bytes, start, end);
    for (const message of messages) {
      // The one before may have ended who receives it.
      const receive = this.#receivers.get(to);
      if (receive === undefined) return;
      this.options.onReceive(message);
      receive(message);
    }
  }

  #decode(
    from: MemberId,
    to: MemberId,
    bytes: Buffer,
    start: number,
    end: number,
  ): readonly Message[] {
    try {
      return decodeMessages(decodePayload(bytes, start, end), from, to);
    } catch (error) {
      this.options.onFault(error);
      return [];
    }
  }
}

const RECONNECT_MIN_MS = 5;
const RECONNECT_MAX_MS = 500;

interface Connection {
  open: { readonly stream: Stream; readonly frames: FrameStream } | undefined;
  /** After a break, not before. */
  reconnectAtMs: number;
  /** It led to a process that is not known to have ended. */
  reached: boolean;
}

/** Carries a member's messages over the virtual network: one connection to each other member. */
export class VirtualTransport implements Transport {
  readonly #id: MemberId;
  readonly #process: VirtualProcess;
  readonly #exchange: MessageExchange;
  readonly #connections = new Map<MemberId, Connection>();
  #open = false;
  #processEnded: (member: MemberId) => void = () => {};
  #sent = 0;
  #received = 0;
  #dropped = 0;

  constructor(id: MemberId, process: VirtualProcess, exchange: MessageExchange) {
    this.#id = id;
    this.#process = process;
    this.#exchange = exchange;
  }

  async start(
    receive: (message: Message) => void,
    processEnded: (member: MemberId) => void = () => {},
  ): Promise<void> {
    this.#open = true;
    this.#processEnded = processEnded;
    this.#exchange.listen(this.#id, (message) => {
      this.#received++;
      receive(message);
    });
  }

  send(messages: readonly Message[]): void {
    if (!this.#open || this.#process.ended) return;
    const { network, onSend } = this.#exchange.options;
    const groups = new Map<MemberId, Message[]>();
    for (const message of messages) {
      const { to } = message;
      onSend(message);
      if (!network.keepsMessage(this.#id, to, () => this.#strays(message))) {
        this.#dropped++;
        continue;
      }
      const group = groups.get(to);
      if (group === undefined) groups.set(to, [message]);
      else group.push(message);
    }
    for (const [to, group] of groups) this.#sendTo(to, group);
  }

  /** Encodes it as one that travels alone; returns its arrival. */
  #strays(message: Message): () => void {
    const { to } = message;
    const frame = frameOf(encodeMessages(this.#id, to, [message]), MAX_FRAME_BYTES);
    return () => new FrameReader(MAX_FRAME_BYTES).push(frame, this.#receiverAt(to));
  }

  #sendTo(to: MemberId, messages: readonly Message[]): void {
    const connection = this.#connect(to);
    if (connection === undefined) {
      this.#dropped += messages.length;
      return;
    }
    this.#sent += messages.length;
    connection.frames.send(encodeMessages(this.#id, to, messages));
  }

  #connect(to: MemberId): Connection['open'] {
    const { network, time, random, cutting } = this.#exchange.options;
    const connection = this.#connection(to);
    if (connection.open !== undefined) return connection.open;
    const receiver = network.process(to);
    if (time.nowMs < connection.reconnectAtMs || receiver === undefined) return undefined;
    const stream = network.open(this.#id, to, {
      broken: () => {
        connection.open = undefined;
        const delayMs = random.between(RECONNECT_MIN_MS, RECONNECT_MAX_MS);
        connection.reconnectAtMs = time.nowMs + delayMs;
        this.#lookFor(to, delayMs);
      },
    });
    connection.reached = true;
    const frames = new FrameStream(
      network,
      stream,
      cutting,
      this.#incoming(to, receiver, stream),
      () => {},
      () => receiver.ranMs,
    );
    connection.open = { stream, frames };
    return connection.open;
  }

  /**
   * What takes in the bytes of a connection at the other side. Half a frame goes with it, and with
   * the process that it came to. Signs of life, which each connection carries and nobody simulates,
   * would have stopped coming when what comes now was held up: by as much as that is older than
   * what came before.
   */
  #incoming(to: MemberId, receiver: VirtualProcess, stream: Stream) {
    const { network, trustedSilenceMs, onBelieved, onHeldUp } = this.#exchange.options;
    const limits = { ...defaultTcpLimits, trustedSilenceMs };
    const trustedIntervals = trustedSilentIntervals(limits);
    const reader = new FrameReader(MAX_FRAME_BYTES);
    const deliver = this.#receiverAt(to);
    let usualMs = stream.link.extraDelayMs;
    let open = true;
    return (piece: Buffer, sentMs: number) => {
      if (receiver.ended || !open) return;
      const ageMs = receiver.ranMs - sentMs;
      const heldUpMs = ageMs - usualMs;
      if (isHeldUp(Math.floor(heldUpMs / limits.keepAliveMs), trustedIntervals)) {
        open = false;
        onHeldUp();
        network.abandon(stream);
        return;
      }
      usualMs = ageMs;
      onBelieved(to, this.#id, heldUpMs);
      reader.push(piece, deliver);
    };
  }

  #connection(to: MemberId): Connection {
    const known = this.#connections.get(to);
    if (known !== undefined) return known;
    const connection: Connection = { open: undefined, reconnectAtMs: 0, reached: false };
    this.#connections.set(to, connection);
    return connection;
  }

  /** A connection broke: an attempt to connect anew tells whether its process has ended. */
  #lookFor(to: MemberId, delayMs: number): void {
    this.#process.clock.after(delayMs, () => {
      const { network, onEnded } = this.#exchange.options;
      const connection = this.#connection(to);
      if (!this.#open || connection.open !== undefined || !connection.reached) return;
      const answer = network.attempt(this.#id, to);
      if (answer === 'none') {
        this.#lookFor(to, RECONNECT_MAX_MS);
        return;
      }
      connection.reached = false;
      if (answer === 'accepted' && this.#exchange.listens(to)) return;
      onEnded(this.#id, to);
      this.#processEnded(to);
    });
  }

  #receiverAt(to: MemberId): FrameListener {
    return (bytes, start, end) => this.#exchange.deliver(this.#id, to, bytes, start, end);
  }

  connected(): readonly MemberId[] {
    return [...this.#connections].flatMap(([id, { open }]) => (open === undefined ? [] : [id]));
  }

  counters(): TransportCounters {
    return {
      messagesSent: this.#sent,
      messagesReceived: this.#received,
      messagesDropped: this.#dropped,
      connectionsRejected: 0,
    };
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#exchange.listen(this.#id, undefined);
    for (const { open } of this.#connections.values()) {
      open?.frames.flush();
      open?.stream.end();
    }
    this.#connections.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
