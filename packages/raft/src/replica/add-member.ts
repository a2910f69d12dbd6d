import type { MemberId } from '../core/log/entry.js';
import { allMembers, isVoter } from '../core/membership/configuration.js';
import type { Endpoints } from '../core/membership/endpoints.js';
import type { Membership } from '../core/membership/membership.js';
import type { MemberChange, MembershipChange } from '../core/membership/membership-change.js';
import { defaultRaftOptions } from '../core/options.js';
import { RaftError } from '../errors.js';
import type { ReplicaStatus } from './status.js';

/** What adding a member needs of a replica. */
export interface ChangingReplica {
  status(): ReplicaStatus;
  changeMembership(change: MembershipChange, signal?: AbortSignal): Promise<Membership>;
  until<T>(look: () => T | undefined, signal?: AbortSignal): Promise<T>;
}

/** Entries that a learner may lack when it becomes a voter: what is on its way at any time. */
const CAUGHT_UP_ENTRIES = Math.min(1000, defaultRaftOptions.maxPromotionLagEntries);

/** Learner first, voter once it has caught up (Raft thesis, 4.2.1). See Replica.addMember. */
export async function addMember(
  replica: ChangingReplica,
  id: MemberId,
  endpoints: Endpoints | undefined,
  signal: AbortSignal | undefined,
): Promise<Membership> {
  const { membership } = replica.status();
  if (isVoter(membership.configuration, id)) return membership;
  const change = (type: 'add-learner' | 'add-voter'): MembershipChange => {
    const member: MemberChange = endpoints === undefined ? { type, id } : { type, id, endpoints };
    return { changes: [member], transition: 'auto' };
  };
  if (!membership.configuration.learners.includes(id)) {
    await replica.changeMembership(change('add-learner'), signal);
  }
  await replica.until(() => caughtUp(replica.status(), id), signal);
  return replica.changeMembership(change('add-voter'), signal);
}

/** True once it has; undefined before; throws when this member can't tell any more, or it is gone. */
function caughtUp(status: ReplicaStatus, id: MemberId): true | undefined {
  if (status.role !== 'leader') {
    const { leader } = status;
    throw new RaftError('NOT_LEADER', 'the lead was lost before the new member had caught up', {
      details: { leader },
    });
  }
  if (!allMembers(status.membership.configuration).includes(id)) {
    throw new RaftError('CHANGE_REFUSED', `member ${id} was removed before it had caught up`, {
      details: { reason: 'invalid-change' },
    });
  }
  const progress = status.progress.find((other) => other.id === id);
  if (progress === undefined || progress.recovering || progress.match === 0) return undefined;
  return progress.lag <= CAUGHT_UP_ENTRIES ? true : undefined;
}
