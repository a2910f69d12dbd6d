import type { Accepted, Rejected } from '../effects.js';
import { type Entry, EntryType, entryBytes, type MemberId } from '../log/entry.js';
import { jointIndex } from '../quorum/joint.js';
import type { RaftState } from '../state.js';
import { allVoters, type Configuration, isJoint, isVoter } from './configuration.js';
import { InvalidChange, LEAVE_JOINT, type MembershipChange } from './membership-change.js';
import { MembershipDamaged } from './membership-json.js';
import {
  decodeMembershipRecord,
  encodeMembershipRecord,
  type MembershipRecord,
} from './membership-record.js';
import { nextConfiguration } from './next-configuration.js';

/**
 * Appends a change of the membership. It takes effect when it is applied; until then no other one
 * is taken in, and a joint configuration has to be left before the next (Raft paper, 6; one change
 * at a time is what keeps majorities overlapping: thesis, 4.1, and its correction of 2015).
 */
export function proposeChange(state: RaftState, change: MembershipChange): Accepted | Rejected {
  if (state.role !== 'leader' || !state.isMember) return state.rejection('not-leader');
  if (state.transfer !== undefined) return state.rejection('transferring');
  const refused = state.options.validateChanges ? refusal(state, change) : undefined;
  return refused ?? appendRecord(state, { kind: 'change', change });
}

function refusal(state: RaftState, change: MembershipChange): Rejected | undefined {
  const { configuration, log, pendingChangeIndex } = state;
  const unreadable = unreadableIn(change);
  if (unreadable !== undefined) return state.rejection('invalid-change', unreadable);
  if (pendingChangeIndex > log.applied) {
    return state.rejection(
      'change-pending',
      `entry ${pendingChangeIndex} may change it and is not applied (${log.applied} is)`,
    );
  }
  const leaves = change.changes.length === 0;
  if (isJoint(configuration) && !leaves) return state.rejection('joint');
  if (!isJoint(configuration) && leaves) return state.rejection('not-joint');
  const problem = invalid(configuration, change);
  if (problem !== undefined) return state.rejection('invalid-change', problem);
  return lagging(state, change);
}

/** What nobody could read in its entry: every member would stop there, again and again. */
function unreadableIn(change: MembershipChange): string | undefined {
  try {
    decodeMembershipRecord(encodeMembershipRecord({ kind: 'change', change }));
    return undefined;
  } catch (error) {
    if (error instanceof MembershipDamaged) return error.message;
    throw error;
  }
}

/** Why the change makes no sense for this configuration. */
function invalid(configuration: Configuration, change: MembershipChange): string | undefined {
  try {
    nextConfiguration(configuration, change);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidChange) return error.message;
    throw error;
  }
}

/** A voter that lacks much would make the majority wait for it (Raft thesis, 4.2.1). */
function lagging(state: RaftState, change: MembershipChange): Rejected | undefined {
  const { changes } = change;
  const { checkPromotions, maxPromotionLagEntries } = state.options;
  if (!checkPromotions) return undefined;
  for (const { type, id } of changes) {
    if (type !== 'add-voter' || id === state.id || isVoter(state.configuration, id)) continue;
    const progress = state.progress.get(id);
    if (progress === undefined) {
      return state.rejection('not-caught-up', `member ${id} has to be a learner first`);
    }
    const lag = state.log.lastIndex - progress.match;
    const heardFrom = progress.match > 0 && progress.recovery === 0;
    if (lag <= maxPromotionLagEntries && heardFrom) continue;
    const isBehind = lag > maxPromotionLagEntries;
    const problem = isBehind ? `lacks ${lag} entries` : 'was not heard from in this term';
    return state.rejection('not-caught-up', `member ${id} ${problem}`);
  }
  return undecided(state, nextConfiguration(state.configuration, change));
}

/**
 * Who has to be brought up to date first counts for nothing: without the others it never is. Nor
 * does who was not heard from in this term, or is silent: that may have to be, or never come.
 */
function undecided(state: RaftState, next: Configuration): Rejected | undefined {
  // Learners and addresses cost nobody a majority.
  if (`${allVoters(next)}` === `${allVoters(state.configuration)}`) return undefined;
  const able = (id: MemberId) => {
    const progress = state.progress.get(id);
    const isAble = (progress?.counted ?? 0) > 0 && progress?.heardLately === true;
    return id === state.id || isAble ? 1 : 0;
  };
  if (jointIndex(next, able) > 0) return undefined;
  return state.rejection(
    'majority-at-risk',
    'most of the voters left are silent or not up to date',
  );
}

/** Leader: no other one is taken in before this one is applied. */
export function appendRecord(state: RaftState, record: MembershipRecord): Accepted {
  const data = encodeMembershipRecord(record);
  const index = state.log.lastIndex + 1;
  const entry: Entry = { index, term: state.term, type: EntryType.Membership, data };
  // Never refused for its size: there is one at a time.
  state.proposals.add(index, entryBytes(entry));
  state.log.append([entry]);
  state.pendingChangeIndex = index;
  return { accepted: true, index, term: state.term };
}

/** A joint configuration that leaves itself does so as soon as its leader has applied it. */
export function leaveJointWhenDue(state: RaftState): void {
  const { configuration, log } = state;
  if (state.role !== 'leader' || !configuration.autoLeave) return;
  if (log.applied < state.pendingChangeIndex || state.transfer !== undefined) return;
  proposeChange(state, LEAVE_JOINT);
}
