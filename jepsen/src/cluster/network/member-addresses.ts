import type { MemberPlace } from '../member.js';

/** Where a network puts a member. */
export type MemberAddresses = Pick<
  MemberPlace,
  'host' | 'ports' | 'peerAddresses' | 'clientAddresses'
>;

/** What a network is made for. */
export interface NetworkMember {
  readonly id: number;
  /** As in `Database.ports`. */
  readonly ports: readonly string[];
}
