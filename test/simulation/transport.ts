import type { MemberId, Message, Transport, TransportCounters } from 'raft-ts';
import type { Stream } from './link.js';
import type { VirtualNetwork } from './network.js';
import type { VirtualProcess } from './process.js';
import type { Random } from './random.js';
import type { VirtualTime } from './time.js';

/** Where the transports of a cluster's members find each other. */
export class MessageExchange {
  readonly network: VirtualNetwork;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly #receivers = new Map<MemberId, (message: Message) => void>();
  /** Told of each message that a member sends, and of each that reaches one. */
  readonly onSend: (message: Message) => void;
  readonly onReceive: (message: Message) => void;

  constructor(options: {
    readonly network: VirtualNetwork;
    readonly time: VirtualTime;
    readonly random: Random;
    readonly onSend: (message: Message) => void;
    readonly onReceive: (message: Message) => void;
  }) {
    this.network = options.network;
    this.time = options.time;
    this.random = options.random;
    this.onSend = options.onSend;
    this.onReceive = options.onReceive;
  }

  listen(id: MemberId, receive: ((message: Message) => void) | undefined): void {
    if (receive === undefined) this.#receivers.delete(id);
    else this.#receivers.set(id, receive);
  }

  deliver(message: Message): void {
    const receive = this.#receivers.get(message.to);
    if (receive === undefined) return;
    this.onReceive(message);
    receive(message);
  }
}

const RECONNECT_MIN_MS = 5;
const RECONNECT_MAX_MS = 500;

interface Connection {
  stream: Stream | undefined;
  /** After a break, not before. */
  reconnectAtMs: number;
}

/** Carries a member's messages over the virtual network: one connection to each other member. */
export class VirtualTransport implements Transport {
  readonly #id: MemberId;
  readonly #process: VirtualProcess;
  readonly #exchange: MessageExchange;
  readonly #connections = new Map<MemberId, Connection>();
  #open = false;
  #sent = 0;
  #received = 0;
  #dropped = 0;

  constructor(id: MemberId, process: VirtualProcess, exchange: MessageExchange) {
    this.#id = id;
    this.#process = process;
    this.#exchange = exchange;
  }

  async start(receive: (message: Message) => void): Promise<void> {
    this.#open = true;
    this.#exchange.listen(this.#id, (message) => {
      this.#received++;
      receive(message);
    });
  }

  send(messages: readonly Message[]): void {
    if (!this.#open || this.#process.ended) return;
    const { network } = this.#exchange;
    const groups = new Map<MemberId, Message[]>();
    for (const message of messages) {
      this.#exchange.onSend(message);
      const deliver = () => this.#exchange.deliver(message);
      if (!network.keepsMessage(this.#id, message.to, deliver)) {
        this.#dropped++;
        continue;
      }
      const group = groups.get(message.to);
      if (group === undefined) groups.set(message.to, [message]);
      else group.push(message);
    }
    for (const [to, group] of groups) this.#sendTo(to, group);
  }

  #sendTo(to: MemberId, messages: readonly Message[]): void {
    const stream = this.#connect(to);
    if (stream === undefined) {
      this.#dropped += messages.length;
      return;
    }
    this.#sent += messages.length;
    this.#exchange.network.send(stream, () => {
      for (const message of messages) this.#exchange.deliver(message);
    });
  }

  #connect(to: MemberId): Stream | undefined {
    const { network, time, random } = this.#exchange;
    const connection = this.#connections.get(to) ?? { stream: undefined, reconnectAtMs: 0 };
    this.#connections.set(to, connection);
    if (connection.stream !== undefined) return connection.stream;
    if (time.nowMs < connection.reconnectAtMs || network.process(to) === undefined)
      return undefined;
    connection.stream = network.open(this.#id, to, () => {
      connection.stream = undefined;
      connection.reconnectAtMs = time.nowMs + random.between(RECONNECT_MIN_MS, RECONNECT_MAX_MS);
    });
    return connection.stream;
  }

  connected(): readonly MemberId[] {
    return [...this.#connections].flatMap(([id, { stream }]) => (stream === undefined ? [] : [id]));
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
    for (const { stream } of this.#connections.values()) stream?.end();
    this.#connections.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
