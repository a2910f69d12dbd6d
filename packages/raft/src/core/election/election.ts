import type { MemberId } from '../log/entry.js';
import type { VoteRequest, VoteResponse } from '../message.js';
import { jointVote } from '../quorum/joint.js';
import { abandonReads } from '../reads/reads.js';
import { isFresh } from '../recovery/recovery.js';
import type { RaftState } from '../state.js';
import type { ElectionReason } from './election-history.js';
import { becomeCandidate, becomeFollower, becomeLeader, becomePreCandidate } from './roles.js';
import { leaderKnown } from './transfer.js';

/** Whether this member can lead: as a voter, with a state and a disk that work. */
function canLead(state: RaftState): boolean {
  const { log, options } = state;
  if (!state.isVoter || state.recovery !== 0) return false;
  if (log.installing || log.lacksState) return false;
  return !diskStalled(state, options.maxWriteTicks);
}

/** Whether the oldest write takes longer than `maxTicks`; never for 0. */
export function diskStalled(state: RaftState, maxTicks: number): boolean {
  return maxTicks > 0 && state.log.writes.oldestTicks(state.ticks) >= maxTicks;
}

/** A tick without a leader: campaigns when the election timeout has passed (Raft paper, 5.2). */
export function tickElection(state: RaftState): void {
  state.electionElapsed++;
  if (state.electionElapsed < state.electionTimeout) return;
  if (state.options.priority === 0 || !canLead(state)) {
    forgetLeader(state);
    return;
  }
  state.electionElapsed = 0;
  startElection(state, 'timeout');
}

/** Nobody is known to lead any more, nor to answer what was asked of them. */
export function forgetLeader(state: RaftState): void {
  if (state.leader === 0) return;
  abandonReads(state);
  state.leader = 0;
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
    leaderBefore: state.leader,
  });
  // Who is handed the lead need not ask first: its leader said that it can win.
  campaign(state, state.options.preVote && reason !== 'transfer', reason === 'transfer');
}

function campaign(state: RaftState, preVote: boolean, transfer: boolean): void {
  if (preVote) becomePreCandidate(state);
  else becomeCandidate(state);
  const { voters, outgoing } = state.configuration;
  for (const to of new Set([...voters, ...outgoing])) {
    if (to === state.id) continue;
    const request: VoteRequest = {
      type: 'vote',
      from: state.id,
      to,
      // A pre-vote asks about the next term and does not enter it.
      term: preVote ? state.term + 1 : state.term,
      preVote,
      transfer,
      lastIndex: state.log.lastIndex,
      lastTerm: state.log.lastTerm,
      commit: state.log.commit,
      commitTerm: state.log.termAt(state.log.commit),
    };
    // A vote is for this term and this log. If a crash took either back, the member could campaign
    // in the same term again, with less, and win with votes that it got for more.
    if (preVote) state.send(request);
    else state.sendOnceDurable(request);
  }
  if (preVote) recordVote(state, state.id, true);
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
      campaign(state, false, false);
    } else {
      becomeLeader(state);
      leaderKnown(state, state.id);
    }
  } else if (result === 'lost') {
    state.elections.ended('refused');
    becomeFollower(state, state.term, 0);
  }
}

/** Whether a leader's lease may rest on this member's word that it elects nobody, itself neither. */
function isPromised(state: RaftState): boolean {
  return state.ticks < state.promisedToTick;
}

/** Whether a leader was heard from too recently to help unseat it (Raft thesis, 4.2.3). */
export function hasRecentLeader(state: RaftState): boolean {
  return (
    state.options.checkQuorum &&
    state.leader !== 0 &&
    state.electionElapsed < state.options.electionTicks
  );
}

/** Answers a candidate of this term, or a pre-candidate of this or the next one. */
export function handleVoteRequest(state: RaftState, request: VoteRequest): void {
  if (!state.isVoter) learnCommit(state, request);
  const granted = mayVote(state, request);
  if (granted && !request.preVote) {
    state.votedFor = request.from;
    state.electionElapsed = 0;
  }
  state.sendOnceDurable({
    type: 'vote-response',
    from: state.id,
    to: request.from,
    // A granted pre-vote answers in the term that was asked about; a refusal tells ours.
    term: granted ? request.term : state.term,
    preVote: request.preVote,
    granted,
    commit: state.log.commit,
    commitTerm: state.log.termAt(state.log.commit),
  });
}

/**
 * Where the logs agree, what one knows to be committed is so for the other. A learner that is asked
 * to vote was promoted, and may hold the newest log, so that nobody but itself can win
 * (etcd#12359); a candidate that is refused may need the vote of one that was removed; and one that
 * is elected by a member without its state must have as much as that state to hand to it.
 */
export function learnCommit(
  state: RaftState,
  { commit, commitTerm }: VoteRequest | VoteResponse,
): void {
  // A leader finds out by itself, from copies of its own term.
  if (state.role === 'leader') return;
  if (state.log.matches(commit, commitTerm)) state.log.commitTo(commit);
}

/**
 * One vote a term, for a log that is at least as new (Raft paper, 5.2 and 5.4.1). Learners vote too:
 * who asks one has a configuration in which it was promoted, which it may not know yet.
 */
function mayVote(state: RaftState, request: VoteRequest): boolean {
  if (state.recovery !== 0) return false;
  // A leader may hold a lease on this member's word. Who was asked to take over is not bound by it.
  if (!request.transfer && isPromised(state)) return false;
  // An empty log may be one that was lost: it is no ground to elect who has one.
  if (isFresh(state) && request.lastIndex > state.log.lastIndex) return false;
  const free =
    state.votedFor === request.from ||
    (state.votedFor === 0 && state.leader === 0) ||
    (request.preVote && request.term > state.term);
  return free && state.log.isUpToDate(request.lastTerm, request.lastIndex);
}

export function handleVoteResponse(state: RaftState, response: VoteResponse): void {
  learnCommit(state, response);
  const expected = response.preVote ? 'pre-candidate' : 'candidate';
  if (state.role === expected) recordVote(state, response.from, response.granted);
}
