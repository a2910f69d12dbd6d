import { EntryType, type MemberId } from '../log/entry.js';
import type { LogState } from '../log/log-state.js';
import type { BootstrapWrite } from '../membership/bootstrap.js';
import { allVoters, EMPTY_CONFIGURATION } from '../membership/configuration.js';
import type { GivenUpVoters, Membership } from '../membership/membership.js';
import { InvalidChange } from '../membership/membership-change.js';
import { decodeMembershipRecord, encodeMembershipRecord } from '../membership/membership-record.js';
import { nextMembership } from '../membership/next-membership.js';

/** What an operator orders once a majority is lost for good. */
export interface ForcedRecoveryOrder extends GivenUpVoters {
  /** The member whose log goes on. */
  readonly survivor: MemberId;
  /** Every other voter that this log knows of; naming them is the proof that it is meant. */
  readonly lostVoters: readonly MemberId[];
}

/**
 * The entry with which a member goes on as the only voter, in a term of its own. All that is in its
 * log counts as committed; what only the others had is lost. InvalidChange, with what is wrong,
 * when the order does not fit the log.
 */
export function forcedRecoveryWrite(
  log: LogState,
  { survivor, lostVoters, reason, atMs }: ForcedRecoveryOrder,
): BootstrapWrite {
  checkOrder(log, survivor, lostVoters, reason);
  const own = newestMembership(log).endpoints[survivor];
  const data = encodeMembershipRecord({
    kind: 'forced',
    configuration: { ...EMPTY_CONFIGURATION, voters: [survivor] },
    endpoints: own === undefined ? {} : { [survivor]: own },
    lostVoters: [...lostVoters].sort((a, b) => a - b),
    reason,
    atMs,
  });
  const index = log.lastIndex + 1;
  const term = log.hardState.term + 1;
  return {
    hardState: { term, votedFor: survivor, commit: index, recovery: 0 },
    entries: [{ index, term, type: EntryType.Membership, data }],
  };
}

function checkOrder(
  log: LogState,
  survivor: MemberId,
  lostVoters: readonly MemberId[],
  reason: string,
): void {
  if (reason.trim() === '') throw new InvalidChange('a reason has to be given, for the record');
  if (log.hardState.recovery !== 0) {
    throw new InvalidChange(
      'this member has lost part of its own log and was being brought up to date: it is no ground ' +
        'to go on from',
    );
  }
  const voters = allVoters(newestMembership(log).configuration);
  if (!voters.includes(survivor)) {
    throw new InvalidChange(
      `member ${survivor} is no voter of ${voters.join(', ') || 'nobody'}: go on from the log of a ` +
        'voter, or from a backup',
    );
  }
  const others = voters.filter((id) => id !== survivor);
  if (others.length === 0) throw new InvalidChange('this member is the only voter already');
  const named = [...new Set(lostVoters)].sort((a, b) => a - b);
  if (named.join() !== others.join()) {
    throw new InvalidChange(
      `the voters that are given up have to be named, each of them: ${others.join(', ')}`,
    );
  }
}

/** As of the end of the log, committed or not: whoever may count on being asked. */
function newestMembership({ base, membershipEntries }: LogState): Membership {
  return membershipEntries.reduce<Membership>(
    (membership, { index, term, data }) =>
      nextMembership(membership, decodeMembershipRecord(data), index, term),
    base.membership,
  );
}
