import type { Message } from '../core/message.js';

/**
 * Offers of a state say where their sender knows itself to be, beside what the membership says: after a move nothing
 * may be committed, not even where it is now, before the others have that state. The membership's stays: an operator
 * may have set it because the other does not lead here.
 */
export function withOwnAddress(
  messages: readonly Message[],
  address: string | undefined,
): readonly Message[] {
  if (address === undefined) return messages;
  return messages.map((message) => {
    if (message.type !== 'snapshot-offer') return message;
    const { from: member, peers } = message;
    const others = peers.filter((peer) => peer.address !== address);
    return { ...message, peers: [{ member, address }, ...others] };
  });
}
