import type { Socket } from 'node:net';
import type { MemberId } from '../core/entry.js';
import type { Message } from '../core/message.js';
import { RaftError } from '../errors.js';
import { parseAddress } from './address.js';
import { FramedSocket } from './framed-socket.js';
import { checkLimits } from './limits.js';
import { Listener } from './listener.js';
import { MemberLink } from './member-link.js';
import { decodeHello, MEMBER_WELCOME, memberProtocol } from './member-protocol.js';
import { decodeMessages, isMemberId } from './message-codec.js';
import type { Transport, TransportCounters } from './transport.js';
import type { TransportEvent } from './transport-event.js';
import { decodePayload } from './wire-value.js';

export interface TcpTransportOptions {
  readonly id: MemberId;
  readonly clusterId: string;
  /** Where to listen for other members: `host:port`. */
  readonly address: string;
  /** Where each other member listens. This one may be among them. */
  readonly peers: ReadonlyMap<MemberId, string>;
  /** Bytes of one frame; above what the core sends in one append. 32 MiB by default. */
  readonly maxFrameBytes?: number;
  /** Bytes that wait to be taken by one member; messages beyond it are dropped. 64 MiB by default. */
  readonly maxQueuedBytes?: number;
  /** Incoming connections that have not greeted; further ones are closed. 64 by default. */
  readonly maxUngreeted?: number;
  /** Milliseconds to connect and be welcomed, and for others to greet. 5,000 by default. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds between the signs of life that each connection carries. 500 by default. */
  readonly keepAliveMs?: number;
  /** Signs of life missing in a row after which a connection is given up. 6 by default. */
  readonly maxSilentIntervals?: number;
  /** Uniform in [0, 1), for the jitter of retries; `Math.random` by default. */
  readonly random?: () => number;
  /** Must not throw. Without it, what `receive` throws is thrown again as uncaught. */
  readonly onEvent?: (event: TransportEvent) => void;
}

const defaults = {
  maxFrameBytes: 32 * 1024 * 1024,
  maxQueuedBytes: 64 * 1024 * 1024,
  maxUngreeted: 64,
  connectTimeoutMs: 5_000,
  keepAliveMs: 500,
  maxSilentIntervals: 6,
  random: Math.random,
};

/**
 * Members' messages over TCP: each member opens one connection to every other and sends over it;
 * what it receives comes over the connections that the others opened.
 */
export class TcpTransport implements Transport {
  readonly #options: TcpTransportOptions & typeof defaults;
  readonly #links = new Map<MemberId, MemberLink>();
  /** Connections over which others send to this member. */
  readonly #incoming = new Map<MemberId, FramedSocket>();
  /** Links that are closing. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #ungreeted = new Set<FramedSocket>();
  readonly #counters = {
    messagesSent: 0,
    messagesReceived: 0,
    messagesDropped: 0,
    connectionsRejected: 0,
  };
  #peers: ReadonlyMap<MemberId, string> = new Map();
  #receive: ((message: Message) => void) | undefined;
  #listener: Listener | undefined;
  #keepAlive: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  /** Throws OPTIONS_INVALID, or TRANSPORT_ADDRESS for an address that is none. */
  constructor(options: TcpTransportOptions) {
    this.#options = { ...defaults, ...options };
    checkLimits(this.#options);
    parseAddress(options.address);
    checkPeers(new Map([...options.peers, [options.id, options.address]]));
    this.#peers = options.peers;
  }

  /** `host:port` as bound: a port of 0 is replaced by the real one once this has started. */
  get address(): string {
    return this.#listener?.address ?? this.#options.address;
  }

  async start(receive: (message: Message) => void): Promise<void> {
    if (this.#receive !== undefined || this.#closing !== undefined) {
      throw new RaftError('TRANSPORT_ADDRESS', 'a transport is started once; make a new one');
    }
    this.#receive = receive;
    const listener = await Listener.open(
      this.#options.address,
      (socket) => this.#accept(socket),
      (error) => this.#report({ type: 'accept-failed', error }),
    );
    this.#listener = listener;
    if (this.#closing !== undefined) {
      await listener.close();
      return;
    }
    this.#keepAlive = setInterval(() => this.#keepAllAlive(), this.#options.keepAliveMs);
    this.setPeers(this.#peers);
  }

  /**
   * Replaces the others' addresses: connections to members that are gone or have moved are closed,
   * and new ones opened. Throws OPTIONS_INVALID or TRANSPORT_ADDRESS, and changes nothing then.
   */
  setPeers(peers: ReadonlyMap<MemberId, string>): void {
    checkPeers(peers);
    this.#peers = new Map(peers);
    if (this.#listener === undefined || this.#closing !== undefined) return;
    for (const [member, link] of this.#links) {
      if (peers.get(member) === link.address) continue;
      this.#links.delete(member);
      this.#leave(link);
    }
    for (const [member, channel] of this.#incoming) {
      if (!peers.has(member)) channel.destroy();
    }
    for (const [member, address] of peers) {
      if (member !== this.#options.id && !this.#links.has(member)) {
        this.#links.set(member, this.#link(member, address));
      }
    }
  }

  send(messages: readonly Message[]): void {
    for (const message of messages) {
      const link = this.#links.get(message.to);
      if (link === undefined) this.#counters.messagesDropped++;
      else link.send(message);
    }
  }

  connected(): readonly MemberId[] {
    return [...this.#links].filter(([, link]) => link.connected).map(([member]) => member);
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
    for (const link of this.#links.values()) this.#leave(link);
    this.#links.clear();
    for (const channel of this.#ungreeted) channel.destroy();
    for (const channel of this.#incoming.values()) channel.destroy();
    await Promise.all(this.#leaving);
    await this.#listener?.close();
  }

  #leave(link: MemberLink): void {
    const leaving = link.close().finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  #link(member: MemberId, address: string): MemberLink {
    const { id, clusterId } = this.#options;
    return new MemberLink({
      ...this.#options,
      address,
      hello: { cluster: clusterId, from: id, to: member },
      connected: () => this.#report({ type: 'connected', member }),
      disconnected: (reason) => this.#report({ type: 'disconnected', member, reason }),
      sent: (messages) => {
        this.#counters.messagesSent += messages;
      },
      dropped: (messages) => {
        this.#counters.messagesDropped += messages;
      },
      tooLarge: (error) => this.#report({ type: 'too-large', member, error }),
    });
  }

  #accept(socket: Socket): void {
    const { maxFrameBytes, maxUngreeted, connectTimeoutMs } = this.#options;
    const remote = `${socket.remoteAddress}:${socket.remotePort}`;
    const channel: FramedSocket = new FramedSocket(socket, {
      protocol: memberProtocol,
      maxFrameBytes,
      greeted: (text) => {
        clearTimeout(timer);
        this.#ungreeted.delete(channel);
        return this.#welcome(channel, text, remote);
      },
      failed: (error) => {
        clearTimeout(timer);
        this.#ungreeted.delete(channel);
        if (error instanceof RaftError) this.#reject(remote, error);
      },
    });
    const timer = setTimeout(
      () => channel.refuse(`no greeting within ${connectTimeoutMs} ms`),
      connectTimeoutMs,
    );
    this.#ungreeted.add(channel);
    if (this.#closing !== undefined) channel.destroy();
    else if (this.#ungreeted.size > maxUngreeted) channel.refuse('too many new connections');
  }

  #welcome(channel: FramedSocket, text: string, remote: string) {
    const { id, clusterId } = this.#options;
    const { cluster, from, to } = decodeHello(text);
    if (cluster !== clusterId) {
      throw refused(`this member is of cluster "${clusterId}", not of "${cluster}"`);
    }
    if (to !== id) throw refused(`this is member ${id}, not member ${to}`);
    if (from === id || !this.#peers.has(from)) throw refused(`member ${from} is unknown here`);
    // It has connected anew: what still comes over its old connection would be out of order.
    this.#incoming.get(from)?.destroy();
    this.#incoming.set(from, channel);
    channel.greet(MEMBER_WELCOME);
    return {
      frame: (bytes: Buffer, start: number, end: number) => {
        // A sign of life is empty.
        if (start === end) return;
        this.#deliver(channel, decodeMessages(decodePayload(bytes, start, end), from, id));
      },
      closed: (error: Error | undefined) => {
        if (this.#incoming.get(from) === channel) this.#incoming.delete(from);
        if (error instanceof RaftError) this.#reject(remote, error);
      },
    };
  }

  #deliver(channel: FramedSocket, messages: readonly Message[]): void {
    for (const message of messages) {
      if (!channel.open) return;
      this.#counters.messagesReceived++;
      try {
        this.#receive?.(message);
      } catch (error) {
        this.#receiveFailed(error);
      }
    }
  }

  #receiveFailed(error: unknown): void {
    if (this.#options.onEvent !== undefined) {
      this.#report({ type: 'receive-failed', error });
      return;
    }
    // Nobody listens: it must not vanish, nor look like a fault of the connection.
    setImmediate(() => {
      throw error;
    });
  }

  #keepAllAlive(): void {
    for (const link of this.#links.values()) link.keepAlive();
    for (const channel of this.#incoming.values()) {
      channel.keepAlive(this.#options.maxSilentIntervals);
    }
  }

  #reject(remote: string, error: RaftError): void {
    this.#counters.connectionsRejected++;
    this.#report({ type: 'rejected', remote, reason: error.message });
  }

  #report(event: TransportEvent): void {
    this.#options.onEvent?.(event);
  }
}

function checkPeers(peers: ReadonlyMap<MemberId, string>): void {
  for (const [member, address] of peers) {
    if (!isMemberId(member)) {
      throw new RaftError(
        'OPTIONS_INVALID',
        `a member id must be a whole number from 1 to ${0xffff_ffff}, not ${member}`,
      );
    }
    parseAddress(address);
  }
}

function refused(reason: string): RaftError {
  return new RaftError('MESSAGE_INVALID', reason);
}
