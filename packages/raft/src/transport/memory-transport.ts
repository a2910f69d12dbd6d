import { NetError } from '@raft-ts/net';
import type { MemberId } from '../core/log/entry.js';
import type { Message } from '../core/message.js';
import { NOTHING_COUNTED, type Transport, type TransportCounters } from './transport.js';

/** Connects members within one process, for tests: a message arrives in a microtask of its own. */
export class MemoryNetwork {
  readonly #started = new Map<MemberId, MemoryTransport>();
  /** Directions cut by `disconnect`, as `from>to`. */
  readonly #cut = new Set<string>();

  /** The transport of one member; a member that restarts needs a new one. */
  transport(id: MemberId): Transport {
    return new MemoryTransport(id, this);
  }

  /** Loses everything from `from` to `to` from now on, also what is on its way. */
  disconnect(from: MemberId, to: MemberId): void {
    this.#cut.add(`${from}>${to}`);
  }

  reconnect(from: MemberId, to: MemberId): void {
    this.#cut.delete(`${from}>${to}`);
  }

  join(id: MemberId, transport: MemoryTransport): void {
    if (this.#started.has(id)) {
      throw new NetError('ADDRESS_UNUSABLE', `member ${id} has a transport already`);
    }
    this.#started.set(id, transport);
  }

  leave(id: MemberId, transport: MemoryTransport): void {
    if (this.#started.get(id) !== transport) return;
    const connected = this.reachable(id);
    this.#started.delete(id);
    for (const other of connected) {
      queueMicrotask(() => {
        if (!this.#started.has(id)) this.#path(id, other)?.processEnded(id);
      });
    }
  }

  reachable(from: MemberId): MemberId[] {
    return [...this.#started.keys()].filter((to) => to !== from && this.#path(from, to));
  }

  /** Returns whether the message could be sent. */
  carry(from: MemberId, message: Message): boolean {
    const { to } = message;
    const receiver = this.#path(from, to);
    if (receiver === undefined) return false;
    // To this very transport: a member that has restarted gets nothing of before.
    queueMicrotask(() => {
      if (this.#path(from, to) === receiver) receiver.deliver(message);
    });
    return true;
  }

  #path(from: MemberId, to: MemberId): MemoryTransport | undefined {
    if (from === to || this.#cut.has(`${from}>${to}`)) return undefined;
    return this.#started.get(to);
  }
}

class MemoryTransport implements Transport {
  readonly #id: MemberId;
  readonly #network: MemoryNetwork;
  readonly #counters = { ...NOTHING_COUNTED };
  #receive: ((message: Message) => void) | undefined;
  #processEnded: (member: MemberId) => void = () => {};
  #open = false;

  constructor(id: MemberId, network: MemoryNetwork) {
    this.#id = id;
    this.#network = network;
  }

  async start(
    receive: (message: Message) => void,
    processEnded: (member: MemberId) => void = () => {},
  ): Promise<void> {
    this.#network.join(this.#id, this);
    this.#receive = receive;
    this.#processEnded = processEnded;
    this.#open = true;
  }

  send(messages: readonly Message[]): void {
    for (const message of messages) {
      if (this.#open && this.#network.carry(this.#id, message)) this.#counters.messagesSent++;
      else this.#counters.messagesDropped++;
    }
  }

  deliver(message: Message): void {
    if (!this.#open) return;
    this.#counters.messagesReceived++;
    this.#receive?.(message);
  }

  processEnded(member: MemberId): void {
    if (this.#open) this.#processEnded(member);
  }

  connected(): readonly MemberId[] {
    return this.#open ? this.#network.reachable(this.#id) : [];
  }

  counters(): TransportCounters {
    return { ...this.#counters };
  }

  async close(): Promise<void> {
    this.#open = false;
    this.#network.leave(this.#id, this);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
