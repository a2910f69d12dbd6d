import type { MemberId, MembershipChange, Message } from 'raft-ts/core';

/** Who can be told something. */
export interface Receiver {
  receive(message: Message): void;
  propose(text: string): string | undefined;
  changeMembership(change: MembershipChange): string | undefined;
}

/**
 * Something on its way to a member: a message of another one, or what one of its own threads has
 * to tell it.
 */
export interface Parcel {
  readonly to: MemberId;
  /** The kind of message, by its name in scripts. */
  readonly type: string;
  /** How it is printed. */
  readonly text: string;
  /** From the member itself: it is never lost. */
  readonly local: boolean;
  readonly deliver: (receiver: Receiver) => void;
}
