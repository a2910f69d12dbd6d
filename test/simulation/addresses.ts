import type { MemberId } from 'raft-ts';

export const CLUSTER_ID = 'simulation';

/** Where clients reach a member. */
export function addressOf(member: MemberId): string {
  return `member-${member}:1`;
}

/** Where other members get its state, after it has moved so often. */
export function httpAddressOf(member: MemberId, moves = 0): string {
  return `member-${member}:${2 + moves}`;
}
