import {
  Backoff,
  connectTcp,
  type FramedSocket,
  type FrameListener,
  openChannel,
  type SharedBytes,
} from '@raft-ts/net';
import type { Message } from '../core/message.js';
import { encodeHello, type MemberHello, memberProtocol } from './member-protocol.js';
import { MessageOutbox, type OutboxEvents } from './message-outbox.js';
import { type TcpLimits, trustedSilentIntervals } from './tcp-limits.js';

/** Milliseconds before the first attempt to connect again, and at most. */
const FIRST_RETRY_MS = 20;
const MAX_RETRY_MS = 1_000;

export interface MemberLinkOptions extends TcpLimits {
  readonly hello: MemberHello;
  /** Where the member may listen, as `host:port`, at least one: they are tried in turn. */
  readonly addresses: readonly string[];
  readonly random: () => number;
  readonly outbox: OutboxEvents;
  /** Of all connections of this member. */
  readonly incomplete: SharedBytes;
  readonly connected: () => void;
  readonly disconnected: (reason: string) => void;
  /** The process that it was connected to has ended. */
  readonly processEnded: () => void;
  /** What takes the frames that come over this connection; throwing closes it. */
  readonly received: (channel: FramedSocket) => FrameListener;
}

/** The way to one other member: a connection that is opened again whenever it is lost. */
export class MemberLink {
  readonly #options: MemberLinkOptions;
  #addresses: readonly string[];
  #address = '';
  /** Where the member was connected to last, until it is known to have ended there. */
  #reachedAt: string | undefined;
  #channel: FramedSocket | undefined;
  /** While the other side has welcomed this one. */
  #outbox: MessageOutbox | undefined;
  #closed = false;
  readonly #backoff: Backoff;
  /** Attempts that no address of `#addresses` has answered. */
  #attempts = 0;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: MemberLinkOptions) {
    this.#options = options;
    this.#addresses = options.addresses;
    this.#backoff = new Backoff(FIRST_RETRY_MS, MAX_RETRY_MS, options.random);
    this.#connect();
  }

  /** The one that is connected to, or was tried last. */
  get address(): string {
    return this.#address;
  }

  /** Tries these from now on, once the connection there may be is lost. */
  readdress(addresses: readonly string[]): void {
    this.#addresses = addresses;
    this.#attempts = 0;
  }

  get connected(): boolean {
    return this.#outbox !== undefined;
  }

  send(message: Message): void {
    if (this.#outbox === undefined) this.#options.outbox.dropped(1);
    else this.#outbox.send(message);
  }

  /** To be called at regular intervals; see FramedSocket. */
  keepAlive(): void {
    const { maxSilentIntervals } = this.#options;
    if (!this.connected) return;
    this.#channel?.keepAlive(maxSilentIntervals, trustedSilentIntervals(this.#options));
  }

  /** Sends what is queued, then closes for good. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#outbox?.flush();
    this.#closed = true;
    clearTimeout(this.#retry);
    const channel = this.#channel;
    if (this.connected) void channel?.close();
    else channel?.destroy();
    await channel?.closed;
  }

  #connect(): void {
    const { hello, maxFrameBytes, incomplete, connectTimeoutMs } = this.#options;
    this.#address = this.#addresses[this.#attempts % this.#addresses.length] ?? this.#address;
    this.#channel = openChannel(connectTcp(this.#address), {
      protocol: memberProtocol,
      hello: encodeHello(hello),
      maxFrameBytes,
      incomplete,
      timeoutMs: connectTimeoutMs,
      welcomed: (channel) => {
        this.#outbox = new MessageOutbox(hello, channel, this.#options, this.#options.outbox);
        this.#backoff.reset();
        this.#reachedAt = this.#address;
        this.#options.connected();
        return {
          frame: this.#options.received(channel),
          closed: (error) => this.#lost(error),
        };
      },
      failed: (error) => this.#lost(error),
    });
  }

  #lost(error: Error | undefined): void {
    const welcomed = this.connected;
    this.#channel = undefined;
    this.#outbox = undefined;
    if (this.#closed) return;
    this.#options.disconnected(error?.message ?? 'the other side closed the connection');
    if (this.#closed) return;
    if (this.#reachedAt === this.#address && isRefusal(error)) {
      this.#reachedAt = undefined;
      this.#options.processEnded();
      if (this.#closed) return;
    }
    // One that has worked is tried again first.
    if (!welcomed) this.#attempts++;
    this.#retry = setTimeout(() => this.#connect(), this.#backoff.next());
  }
}

/** Whether the machine is there, and nobody listens. A name may stand for several addresses. */
function isRefusal(error: (Error & { readonly code?: string }) | undefined): boolean {
  if (error instanceof AggregateError) return error.errors.every(isRefusal);
  return error?.code === 'ECONNREFUSED';
}
