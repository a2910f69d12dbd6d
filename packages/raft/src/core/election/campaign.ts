import type { MemberId } from '../log/entry.js';
import type { VoteResponse } from '../message.js';
import { jointVote } from '../quorum/joint.js';
import { isPromised } from '../reads/lease.js';
import { fetchMissingState } from '../snapshot/fetch-snapshot.js';
import type { RaftState } from '../state.js';
import type { ElectionReason } from './election-history.js';
import { forgetLeader } from './follow-leader.js';
import { learnCommit } from './grant-vote.js';
import { becomeFollower, becomeLeader } from './roles.js';
import { diskStalled } from './stalled-disk.js';
import { leaderKnown } from './transfer.js';
import { askForPreVotes, askForVotes } from './vote-requests.js';

/** Whether this member can lead: as a voter, with a state and a disk that work. */
function canLead(state: RaftState): boolean {
  const { log, options } = state;
  if (!state.isVoter || state.recovery !== 0) return false;
  if (log.installing || log.lacksState) return false;
  return !diskStalled(state, options.maxWriteTicks);
}

/** A tick without a leader: campaigns when the election timeout has passed (Raft paper, 5.2). */
export function tickElection(state: RaftState): void {
  state.electionElapsed++;
  if (state.electionElapsed < state.electionTimeout) return;
  if (!canLead(state)) {
    forgetLeader(state);
    fetchMissingState(state);
    return;
  }
  state.electionElapsed = 0;
  startElection(state, state.endedLeader === 0 ? 'timeout' : 'leader-ended');
}

/**
 * Tries to become leader. Not with a change of the membership that is committed and not applied:
 * it would count by a configuration that the others have left (etcd#7280).
 */
export function startElection(state: RaftState, reason: ElectionReason): void {
  if (state.role === 'leader' || !canLead(state)) return;
  if (reason === 'request' && isPromised(state)) return;
  if (state.log.memberships.pendingUpTo(state.log.commit)) return;
  state.elections.began({
    term: state.term + 1,
    reason,
    atTick: state.ticks,
    leaderBefore: state.leader || state.endedLeader,
  });
  // Who is handed the lead need not ask first: its leader said that it can win.
  if (asksFirst(state, reason)) {
    askForPreVotes(state);
    recordVote(state, state.id, true);
  } else {
    askForVotes(state, reason === 'transfer');
  }
}

function asksFirst({ options }: RaftState, reason: ElectionReason): boolean {
  return reason === 'leader-ended' || (options.preVote && reason !== 'transfer');
}

/** The write that holds this candidate's vote for itself has become durable. */
export function ownVoteDurable(state: RaftState, writeSequence: number): void {
  if (state.role !== 'candidate' || state.ownVoteWrite === 0) return;
  if (writeSequence < state.ownVoteWrite) return;
  state.ownVoteWrite = 0;
  recordVote(state, state.id, true);
}

function recordVote(state: RaftState, from: MemberId, granted: boolean): void {
  // The first answer counts, so that a duplicate is never counted twice.
  if (!state.votes.has(from)) state.votes.set(from, granted);
  const result = jointVote(state.configuration, state.votes);
  if (result === 'won') {
    if (state.role === 'pre-candidate') {
      askForVotes(state, false);
    } else {
      becomeLeader(state);
      leaderKnown(state, state.id);
    }
  } else if (result === 'lost') {
    state.elections.ended('refused');
    becomeFollower(state, state.term, 0);
  }
}

export function handleVoteResponse(state: RaftState, response: VoteResponse): void {
  learnCommit(state, response);
  const expected = response.preVote ? 'pre-candidate' : 'candidate';
  if (state.role === expected) recordVote(state, response.from, response.granted);
}
