import type { Message } from '../core/message.js';

/**
 * Offers of a state say where their sender gives it, whatever the membership says: after a move nothing may be
 * committed, not even where it is now, before the others have that state.
 */
export function withOwnAddress(
  messages: readonly Message[],
  address: string | undefined,
): readonly Message[] {
  if (address === undefined) return messages;
  return messages.map((message) => {
    if (message.type !== 'snapshot-offer') return message;
    const { from: member, peers } = message;
    const others = peers.filter((peer) => peer.member !== member);
    return { ...message, peers: [...others, { member, address }] };
  });
}
