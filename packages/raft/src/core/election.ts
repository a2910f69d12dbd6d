import type { MemberId } from './entry.js';
import type { VoteRequest, VoteResponse } from './message.js';
import { majorityVote } from './quorum/majority.js';
import { becomeCandidate, becomeFollower, becomeLeader, becomePreCandidate } from './roles.js';
import type { RaftState } from './state.js';

/** The election timeout has passed without a leader: try to become one (Raft paper, 5.2). */
export function startElection(state: RaftState): void {
  campaign(state, state.options.preVote);
}

function campaign(state: RaftState, preVote: boolean): void {
  if (preVote) becomePreCandidate(state);
  else becomeCandidate(state);
  for (const to of state.others) {
    const request: VoteRequest = {
      type: 'vote',
      from: state.id,
      to,
      // A pre-vote asks about the next term and does not enter it.
      term: preVote ? state.term + 1 : state.term,
      preVote,
      lastIndex: state.log.lastIndex,
      lastTerm: state.log.lastTerm,
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
  const result = majorityVote(state.voters, state.votes);
  if (result === 'won') {
    if (state.role === 'pre-candidate') campaign(state, false);
    else becomeLeader(state);
  } else if (result === 'lost') {
    becomeFollower(state, state.term, 0);
  }
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
  const free =
    state.votedFor === request.from ||
    (state.votedFor === 0 && state.leader === 0) ||
    (request.preVote && request.term > state.term);
  const granted = free && state.log.isUpToDate(request.lastTerm, request.lastIndex);
  if (granted && !request.preVote) {
    state.votedFor = request.from;
    state.resetElectionTimer();
  }
  state.sendOnceDurable({
    type: 'vote-response',
    from: state.id,
    to: request.from,
    // A granted pre-vote answers in the term that was asked about; a refusal tells ours.
    term: granted ? request.term : state.term,
    preVote: request.preVote,
    granted,
  });
}

export function handleVoteResponse(state: RaftState, response: VoteResponse): void {
  const expected = response.preVote ? 'pre-candidate' : 'candidate';
  if (state.role !== expected || !state.voters.includes(response.from)) return;
  recordVote(state, response.from, response.granted);
}
