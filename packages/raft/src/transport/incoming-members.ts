import type { Socket } from 'node:net';
import {
  acceptChannel,
  type FrameChannelEvents,
  type FramedSocket,
  type FrameListener,
  NetError,
  refuseFirst,
  type SharedBytes,
} from '@raft-ts/net';
import type { MemberId } from '../core/log/entry.js';
import type { Message } from '../core/message.js';
import { decodeHello, memberProtocol } from './member-protocol.js';
import { MessageOutbox, type OutboxEvents } from './message-outbox.js';
import { type TcpLimits, trustedSilentIntervals } from './tcp-limits.js';

export interface IncomingMembersOptions extends TcpLimits {
  readonly id: MemberId;
  readonly clusterId: string;
  readonly outbox: OutboxEvents;
  /** Of all connections of this member. */
  readonly incomplete: SharedBytes;
  /** Whether the address of a member is known. */
  readonly isKnown: (member: MemberId) => boolean;
  /** What takes the frames of `member`; throwing closes its connection. */
  readonly received: (member: MemberId, channel: FramedSocket) => FrameListener;
  /** A connection was refused or closed because of what the other side sent. */
  readonly rejected: (remote: string, error: NetError) => void;
}

interface IncomingMember {
  readonly channel: FramedSocket;
  /** For messages to who can't be reached otherwise. */
  readonly outbox: MessageOutbox;
  /** Whether an address of it was known when it connected. */
  readonly known: boolean;
}

/**
 * The connections that other members have opened. They send over them; those that can't be reached,
 * as no address of theirs is known or they have another by now, are answered over them, too. See docs/decisions/0009-unknown-members.md.
 */
export class IncomingMembers {
  readonly #options: IncomingMembersOptions;
  readonly #ungreeted = new Set<FramedSocket>();
  readonly #members = new Map<MemberId, IncomingMember>();
  #closed = false;

  constructor(options: IncomingMembersOptions) {
    this.#options = options;
  }

  /** Members that can only be answered over the connection that they have opened. */
  get answerable(): readonly MemberId[] {
    return [...this.#members].flatMap(([id, { known }]) => (known ? [] : [id]));
  }

  /** Sends over the connection that the receiver has opened; false when that can't be. */
  send(message: Message): boolean {
    const member = this.#members.get(message.to);
    if (member?.channel.open !== true) return false;
    member.outbox.send(message);
    return true;
  }

  accept(socket: Socket): void {
    const { maxFrameBytes, incomplete, maxUngreeted, connectTimeoutMs } = this.#options;
    const channel = acceptChannel(socket, {
      protocol: memberProtocol,
      maxFrameBytes,
      incomplete,
      timeoutMs: connectTimeoutMs,
      greeted: (text, channel) => {
        this.#ungreeted.delete(channel);
        return this.#greeted(channel, text, remote);
      },
      failed: (error) => {
        this.#ungreeted.delete(channel);
        if (error instanceof NetError) this.#options.rejected(remote, error);
      },
    });
    const { remote } = channel;
    this.#ungreeted.add(channel);
    if (this.#closed) channel.destroy();
    else refuseFirst(this.#ungreeted, maxUngreeted);
  }

  #greeted(channel: FramedSocket, text: string, remote: string): FrameChannelEvents {
    const { id, outbox, isKnown, received, rejected } = this.#options;
    const from = this.#checkHello(text);
    // It has connected anew: what still comes over its old connection would be out of order.
    this.#members.get(from)?.channel.destroy();
    const members = { from: id, to: from };
    const answers = new MessageOutbox(members, channel, this.#options, outbox);
    this.#members.set(from, { channel, outbox: answers, known: isKnown(from) });
    return {
      frame: received(from, channel),
      closed: (error) => {
        if (this.#members.get(from)?.channel === channel) this.#members.delete(from);
        if (error instanceof NetError) rejected(remote, error);
      },
    };
  }

  /** Who greets; throws the reason to refuse it. */
  #checkHello(text: string): MemberId {
    const { id, clusterId, isKnown, maxUnknownMembers } = this.#options;
    const { cluster, from, to } = decodeHello(text);
    if (cluster !== clusterId) {
      throw refused(`this member is of cluster "${clusterId}", not of "${cluster}"`);
    }
    if (to !== id) throw refused(`this is member ${id}, not member ${to}`);
    if (from === id) throw refused(`member ${from} is this one`);
    if (isKnown(from) || this.#members.has(from)) return from;
    const unknown = [...this.#members.keys()].filter((member) => !isKnown(member));
    if (unknown.length < maxUnknownMembers) return from;
    throw refused(
      `member ${from} is unknown here, and ${maxUnknownMembers} others that are have connected`,
    );
  }

  /** To be called at regular intervals; see FramedSocket. */
  keepAlive(): void {
    const trusted = trustedSilentIntervals(this.#options);
    for (const { channel } of this.#members.values()) {
      channel.keepAlive(this.#options.maxSilentIntervals, trusted);
    }
  }

  /** Closes all, and whatever is still accepted. */
  close(): void {
    this.#closed = true;
    for (const channel of this.#ungreeted) channel.destroy();
    for (const { channel } of this.#members.values()) channel.destroy();
  }
}

function refused(reason: string): NetError {
  return new NetError('MESSAGE_INVALID', reason);
}
