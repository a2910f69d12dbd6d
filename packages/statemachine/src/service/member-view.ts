import type { MemberId, Replica, Role } from 'raft-ts';

/** What a service needs of the member it runs on; a `Replica` is one. */
export type ServedReplica = Pick<
  Replica,
  'propose' | 'readIndex' | 'uncommittedEntries' | 'status' | 'onChange' | 'stopped'
>;

/** Who leads, as this member sees it. */
export interface MemberView {
  readonly id: MemberId;
  readonly role: Role;
  readonly term: number;
  /** 0 when unknown. */
  readonly leader: MemberId;
}
