import type { Message } from '../core/message.js';
import { RaftError } from '../errors.js';
import { retryDelayMs } from './backoff.js';
import { connectTcp } from './connect-tcp.js';
import { FramedSocket } from './framed-socket.js';
import {
  encodeHello,
  MEMBER_WELCOME,
  type MemberHello,
  memberProtocol,
} from './member-protocol.js';
import { encodeMessages, messageBytes } from './message-codec.js';

export interface MemberLinkOptions {
  readonly hello: MemberHello;
  /** Where the member listens, as `host:port`. */
  readonly address: string;
  readonly maxFrameBytes: number;
  readonly maxQueuedBytes: number;
  readonly connectTimeoutMs: number;
  /** Intervals without a sign of life after which a connection is given up. */
  readonly maxSilentIntervals: number;
  readonly random: () => number;
  readonly connected: () => void;
  readonly disconnected: (reason: string) => void;
  readonly sent: (messages: number) => void;
  readonly dropped: (messages: number) => void;
  readonly tooLarge: (error: Error) => void;
}

/** The way to one other member: a connection that is opened again whenever it is lost. */
export class MemberLink {
  readonly #options: MemberLinkOptions;
  #channel: FramedSocket | undefined;
  #greeted = false;
  #closed = false;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Of this turn, on a connection that is open. */
  #queue: Message[] = [];
  #queueBytes = 0;

  constructor(options: MemberLinkOptions) {
    this.#options = options;
    this.#connect();
  }

  get address(): string {
    return this.#options.address;
  }

  get connected(): boolean {
    return this.#greeted;
  }

  send(message: Message): void {
    const bytes = messageBytes(message);
    const queued = this.#queueBytes + (this.#channel?.queuedBytes ?? 0);
    // One message is always let in, however small the limit is.
    if (!this.#greeted || (queued > 0 && queued + bytes > this.#options.maxQueuedBytes)) {
      this.#options.dropped(1);
      return;
    }
    if (this.#queue.length === 0) queueMicrotask(() => this.#flush());
    this.#queue.push(message);
    this.#queueBytes += bytes;
  }

  /** To be called at regular intervals; see FramedSocket. */
  keepAlive(): void {
    if (this.#greeted) this.#channel?.keepAlive(this.#options.maxSilentIntervals);
  }

  /** Sends what is queued, then closes for good. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    clearTimeout(this.#timer);
    const channel = this.#channel;
    if (this.#greeted) void channel?.close();
    else channel?.destroy();
    await channel?.closed;
  }

  #flush(): void {
    const messages = this.#queue;
    this.#queue = [];
    this.#queueBytes = 0;
    if (messages.length === 0) return;
    if (!this.#greeted) {
      this.#options.dropped(messages.length);
      return;
    }
    for (const group of inFrames(messages, this.#options.maxFrameBytes)) this.#sendFrame(group);
  }

  #sendFrame(messages: readonly Message[]): void {
    const { from, to } = this.#options.hello;
    try {
      this.#channel?.send(encodeMessages(from, to, messages));
      this.#options.sent(messages.length);
    } catch (error) {
      this.#options.dropped(messages.length);
      this.#options.tooLarge(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #connect(): void {
    const { hello, maxFrameBytes, connectTimeoutMs, address } = this.#options;
    const channel: FramedSocket = new FramedSocket(connectTcp(address), {
      protocol: memberProtocol,
      maxFrameBytes,
      greeted: (text) => {
        if (text !== MEMBER_WELCOME) throw new RaftError('MESSAGE_INVALID', text);
        clearTimeout(this.#timer);
        this.#greeted = true;
        this.#failures = 0;
        this.#options.connected();
        return {
          frame: (_bytes, start, end) => {
            if (start !== end) throw new RaftError('MESSAGE_INVALID', 'an unexpected frame');
          },
          closed: (error) => this.#lost(error),
        };
      },
      failed: (error) => this.#lost(error),
    });
    this.#channel = channel;
    this.#timer = setTimeout(() => {
      channel.destroy(new Error(`no answer within ${connectTimeoutMs} ms`));
    }, connectTimeoutMs);
    channel.greet(encodeHello(hello));
  }

  #lost(error: Error | undefined): void {
    clearTimeout(this.#timer);
    this.#channel = undefined;
    this.#greeted = false;
    if (this.#closed) return;
    this.#options.disconnected(error?.message ?? 'the other side closed the connection');
    if (this.#closed) return;
    const delay = retryDelayMs(++this.#failures, this.#options.random);
    this.#timer = setTimeout(() => this.#connect(), delay);
  }
}

/** Groups messages so that each group fits in a frame; one that alone does not comes alone. */
function* inFrames(messages: readonly Message[], maxFrameBytes: number): Generator<Message[]> {
  let group: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = messageBytes(message);
    if (group.length > 0 && bytes + size > maxFrameBytes) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(message);
    bytes += size;
  }
  if (group.length > 0) yield group;
}
