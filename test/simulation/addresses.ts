import type { MemberId } from 'raft-ts';

/** Where clients reach a member. */
export function addressOf(member: MemberId): string {
  return `member-${member}:1`;
}
