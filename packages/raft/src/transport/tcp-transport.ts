import type { FramedSocket, FrameListener, SharedBytes } from '@raft-ts/net';
import {
  decodePayload,
  incompleteFrames,
  Listener,
  NetError,
  observe,
  throwUncaught,
} from '@raft-ts/net';
import {
  address,
  callback,
  completeOptions,
  mapOf,
  type OptionsForm,
  optional,
  text,
} from '@raft-ts/net/options';
import type { MemberId } from '../core/log/entry.js';
import type { Message } from '../core/message.js';
import { memberId } from '../core/options.js';
import { optionsInvalid } from '../errors.js';
import { IncomingMembers } from './incoming-members.js';
import { MemberLink } from './member-link.js';
import { decodeMessages } from './message-codec.js';
import type { OutboxEvents } from './message-outbox.js';
import { type TcpLimits, tcpLimitsForm } from './tcp-limits.js';
import { NOTHING_COUNTED, type Transport, type TransportCounters } from './transport.js';
import type { TransportEvent } from './transport-event.js';

export interface TcpTransportOptions extends Partial<TcpLimits> {
  readonly id: MemberId;
  readonly clusterId: string;
  /** Where to listen for other members: `host:port`. */
  readonly address: string;
  /**
   * Where other members listen, as far as it is known from the start; `setPeers` adds to it. This
   * one may be among them. A newcomer may know nobody: the leader will connect to it.
   */
  readonly peers: ReadonlyMap<MemberId, string>;
  /** Uniform in [0, 1), for the jitter of retries; `Math.random` by default. */
  readonly random?: () => number;
  /** What it throws is uncaught, and the transport goes on. Without it, what `receive` throws is, too. */
  readonly onEvent?: (event: TransportEvent) => void;
}

const optionsForm: OptionsForm<TcpTransportOptions, TcpLimits> = {
  fields: {
    ...tcpLimitsForm.fields,
    id: memberId,
    clusterId: text,
    address,
    peers: mapOf(memberId, address),
    random: optional(callback()),
    onEvent: optional(callback()),
  },
  defaults: tcpLimitsForm.defaults,
};

/**
 * Members' messages over TCP: each member opens one connection to every other that it knows an
 * address of and sends over it. One that it does not know is answered over the connection that
 * this one has opened itself. See docs/decisions/0009-unknown-members.md.
 */
export class TcpTransport implements Transport {
  readonly #options: TcpTransportOptions & TcpLimits;
  readonly #links = new Map<MemberId, MemberLink>();
  readonly #incoming: IncomingMembers;
  readonly #incomplete: SharedBytes;
  /** Links that are closing. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #counters = { ...NOTHING_COUNTED };
  readonly #outbox: OutboxEvents = {
    sent: (messages) => {
      this.#counters.messagesSent += messages;
    },
    dropped: (messages) => {
      this.#counters.messagesDropped += messages;
    },
    tooLarge: (member, error) => this.#report({ type: 'too-large', member, error }),
  };
  /** Addresses of the others, the likelier first. */
  #peers: ReadonlyMap<MemberId, readonly string[]>;
  #receive: ((message: Message) => void) | undefined;
  #processEnded: (member: MemberId) => void = () => {};
  #listener: Listener | undefined;
  #keepAlive: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  /** Throws OPTIONS_INVALID. */
  constructor(options: TcpTransportOptions) {
    this.#options = completeOptions(optionsForm, options, optionsInvalid);
    this.#peers = this.#addresses(new Map());
    this.#incomplete = incompleteFrames(this.#options);
    this.#incoming = new IncomingMembers({
      ...this.#options,
      incomplete: this.#incomplete,
      outbox: this.#outbox,
      isKnown: (member) => this.#peers.has(member),
      received: (member, channel) => this.#received(member, channel),
      rejected: (remote, error) => this.#reject(remote, error),
    });
  }

  /** `host:port` as bound: a port of 0 is replaced by the real one once this has started. */
  get address(): string {
    return this.#listener?.address ?? this.#options.address;
  }

  async start(
    receive: (message: Message) => void,
    processEnded: (member: MemberId) => void = () => {},
  ): Promise<void> {
    if (this.#receive !== undefined || this.#closing !== undefined) {
      throw new NetError('ADDRESS_UNUSABLE', 'a transport is started once; make a new one');
    }
    this.#receive = receive;
    this.#processEnded = processEnded;
    const listener = await Listener.open(
      this.#options.address,
      (socket) => this.#incoming.accept(socket),
      (error) => this.#report({ type: 'accept-failed', error }),
    );
    this.#listener = listener;
    if (this.#closing !== undefined) {
      await listener.close();
      return;
    }
    this.#keepAlive = setInterval(() => this.#keepAllAlive(), this.#options.keepAliveMs);
    this.#connect();
  }

  /**
   * Of a member that both this and the options name, both addresses are tried in turn: one of them
   * may be out of date. A connection stays while its address is one of them. An address that is none is reported like one that does not answer.
   */
  setPeers(addresses: ReadonlyMap<MemberId, string>): void {
    const valid = new Map<MemberId, string>();
    for (const [member, at] of addresses) {
      const problems: string[] = [];
      if (memberId(member, 'a member id', problems) && address(at, 'its address', problems)) {
        valid.set(member, at);
      } else {
        this.#report({ type: 'disconnected', member, reason: problems.join('; ') });
      }
    }
    this.#peers = this.#addresses(valid);
    if (this.#listener !== undefined && this.#closing === undefined) this.#connect();
  }

  #addresses(newer: ReadonlyMap<MemberId, string>): Map<MemberId, readonly string[]> {
    const addresses = new Map<MemberId, readonly string[]>();
    for (const [member, address] of [...newer, ...this.#options.peers]) {
      const likelier = addresses.get(member) ?? [];
      if (member === this.#options.id || likelier.includes(address)) continue;
      addresses.set(member, [...likelier, address]);
    }
    return addresses;
  }

  /** Brings the links in step with the addresses. */
  #connect(): void {
    for (const [member, link] of this.#links) {
      const addresses = this.#peers.get(member);
      if (addresses?.includes(link.address)) {
        link.readdress(addresses);
      } else {
        this.#links.delete(member);
        this.#leave(link);
      }
    }
    for (const [member, addresses] of this.#peers) {
      if (!this.#links.has(member)) this.#links.set(member, this.#link(member, addresses));
    }
  }

  send(messages: readonly Message[]): void {
    for (const message of messages) {
      const link = this.#links.get(message.to);
      if (link?.connected === true) link.send(message);
      else if (!this.#incoming.send(message)) this.#counters.messagesDropped++;
    }
  }

  connected(): readonly MemberId[] {
    const linked = [...this.#links].filter(([, link]) => link.connected).map(([member]) => member);
    return [...new Set([...linked, ...this.#incoming.answerable])];
  }

  counters(): TransportCounters {
    return { ...this.#counters };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    clearInterval(this.#keepAlive);
    // First, so that the others see at once that this member is gone.
    const listenerClosed = this.#listener?.close();
    for (const link of this.#links.values()) this.#leave(link);
    this.#links.clear();
    this.#incoming.close();
    await Promise.all(this.#leaving);
    await listenerClosed;
  }

  #leave(link: MemberLink): void {
    const leaving = link.close().finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  #link(member: MemberId, addresses: readonly string[]): MemberLink {
    const { id, clusterId } = this.#options;
    return new MemberLink({
      ...this.#options,
      incomplete: this.#incomplete,
      addresses,
      hello: { cluster: clusterId, from: id, to: member },
      outbox: this.#outbox,
      connected: () => this.#report({ type: 'connected', member }),
      disconnected: (reason) => this.#report({ type: 'disconnected', member, reason }),
      processEnded: () => this.#processEnded(member),
      random: this.#options.random ?? Math.random,
      received: (channel) => this.#received(member, channel),
    });
  }

  /** Throws MESSAGE_INVALID for what is no frame of messages from `from`. */
  #received(from: MemberId, channel: FramedSocket): FrameListener {
    return (bytes, start, end) => {
      const messages = decodeMessages(decodePayload(bytes, start, end), from, this.#options.id);
      for (const message of messages) {
        if (!channel.open || this.#closing !== undefined) return;
        this.#counters.messagesReceived++;
        try {
          this.#receive?.(message);
        } catch (error) {
          this.#receiveFailed(error);
        }
      }
    };
  }

  #receiveFailed(error: unknown): void {
    if (this.#options.onEvent !== undefined) {
      this.#report({ type: 'receive-failed', error });
      return;
    }
    // Nobody listens: it must not vanish, nor look like a fault of the connection.
    throwUncaught(error);
  }

  #keepAllAlive(): void {
    for (const link of this.#links.values()) link.keepAlive();
    this.#incoming.keepAlive();
  }

  #reject(remote: string, error: Error): void {
    this.#counters.connectionsRejected++;
    this.#report({ type: 'rejected', remote, reason: error.message });
  }

  #report(event: TransportEvent): void {
    observe(this.#options.onEvent, event);
  }
}
