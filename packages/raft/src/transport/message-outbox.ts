import type { FramedSocket } from '@raft-ts/net';
import type { MemberId } from '../core/log/entry.js';
import type { Message } from '../core/message.js';
import { encodeMessages, messageBytes } from './message-codec.js';
import type { TcpLimits } from './tcp-limits.js';

/** What becomes of messages. */
export interface OutboxEvents {
  readonly sent: (messages: number) => void;
  readonly dropped: (messages: number) => void;
  readonly tooLarge: (member: MemberId, error: Error) => void;
}

/** Messages to one member over one connection: those of a turn go out together. */
export class MessageOutbox {
  readonly #from: MemberId;
  readonly #to: MemberId;
  readonly #channel: FramedSocket;
  readonly #limits: TcpLimits;
  readonly #events: OutboxEvents;
  /** Of this turn. */
  #queue: Message[] = [];
  #queueBytes = 0;

  constructor(
    members: { readonly from: MemberId; readonly to: MemberId },
    channel: FramedSocket,
    limits: TcpLimits,
    events: OutboxEvents,
  ) {
    this.#from = members.from;
    this.#to = members.to;
    this.#channel = channel;
    this.#limits = limits;
    this.#events = events;
  }

  send(message: Message): void {
    const bytes = messageBytes(message);
    const queued = this.#queueBytes + this.#channel.queuedBytes;
    // One message is always let in, however small the limit is.
    if (!this.#channel.open || (queued > 0 && queued + bytes > this.#limits.maxQueuedBytes)) {
      this.#events.dropped(1);
      return;
    }
    if (this.#queue.length === 0) queueMicrotask(() => this.flush());
    this.#queue.push(message);
    this.#queueBytes += bytes;
  }

  /** Hands what is queued to the connection now. */
  flush(): void {
    const messages = this.#queue;
    this.#queue = [];
    this.#queueBytes = 0;
    if (messages.length === 0) return;
    if (!this.#channel.open) {
      this.#events.dropped(messages.length);
      return;
    }
    for (const group of inFrames(messages, this.#limits.maxFrameBytes)) this.#sendFrame(group);
  }

  #sendFrame(messages: readonly Message[]): void {
    try {
      this.#channel.send(encodeMessages(this.#from, this.#to, messages));
      this.#events.sent(messages.length);
    } catch (error) {
      this.#events.dropped(messages.length);
      this.#events.tooLarge(this.#to, error instanceof Error ? error : new Error(String(error)));
    }
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
