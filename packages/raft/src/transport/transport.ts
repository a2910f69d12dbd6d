import type { MemberId } from '../core/log/entry.js';
import type { Message } from '../core/message.js';

/** What a transport counts; totals since it was started, for metrics and tests. */
export interface TransportCounters {
  readonly messagesSent: number;
  readonly messagesReceived: number;
  /** Messages given up: the queue to a member was full, or there was no connection to it. */
  readonly messagesDropped: number;
  /** Connections refused or closed because of what the other side sent. */
  readonly connectionsRejected: number;
}

export const NOTHING_COUNTED: TransportCounters = {
  messagesSent: 0,
  messagesReceived: 0,
  messagesDropped: 0,
  connectionsRejected: 0,
};

/**
 * Carries Raft messages between the members of one cluster: unreliable, like the network that
 * Raft assumes (lost or late, but never altered). Messages to one member over one connection
 * keep their order. It reconnects by itself, with a bounded backoff, for as long as it is open.
 */
export interface Transport extends AsyncDisposable {
  /**
   * Starts to receive. `receive` is called once for every message, from any member, never
   * inside a call of `send`. It should not throw; what it throws is never swallowed. Resolves
   * when others can connect; rejects with ADDRESS_UNUSABLE when the address can't be bound.
   *
   * `processEnded` is called when the process of a member that this one was connected to has ended,
   * as far as that can be told: its machine refuses a connection where it was reached before. Never
   * because a connection broke, was silent or was closed, as that happens while the member lives. A
   * transport that can't tell never calls it: then an ended leader is missed by its silence alone.
   */
  start(
    receive: (message: Message) => void,
    processEnded?: (member: MemberId) => void,
  ): Promise<void>;

  /**
   * Where members are reached, as the membership in force says; it adds to what the transport was
   * made with, and takes the place of what the last call said. Does not throw: a member whose
   * address is none can't be reached. A transport that knows everybody by other means need not
   * have it.
   *
   * Messages are received from any member of the cluster, known or not, and it can be answered: a
   * newcomer, or a member whose log lags, has to hear a leader that it does not know of yet.
   */
  setPeers?(addresses: ReadonlyMap<MemberId, string>): void;

  /** Sends to `message.to` without waiting; drops when that member can't be reached now. */
  send(messages: readonly Message[]): void;

  /** Members that a connection to is open now. */
  connected(): readonly MemberId[];

  counters(): TransportCounters;

  /** Closes every connection and listener. Safe to call twice. */
  close(): Promise<void>;
}
