import type { LogState } from '../log/log-state.js';
import type { Membership } from './membership.js';
import { MembershipHistory } from './membership-history.js';

/** Who takes part by what a log that was just opened knows to be committed: it may be long ago. */
export function committedMembership({ base, hardState, membershipEntries }: LogState): Membership {
  return new MembershipHistory(base.membership, membershipEntries, hardState.commit).current;
}
