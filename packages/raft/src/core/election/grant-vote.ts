import type { HeartbeatResponse, VoteRequest, VoteResponse } from '../message.js';
import { isPromised } from '../reads/lease.js';
import { noticeLoss } from '../recovery/recovery.js';
import type { RaftState } from '../state.js';

/** Answers a candidate of this term, or a pre-candidate of this or the next one. */
export function handleVoteRequest(state: RaftState, request: VoteRequest): void {
  noticeLoss(state, request);
  if (!state.isVoter) learnCommit(state, request);
  const granted = mayVote(state, request);
  if (granted && !request.preVote) {
    state.votedFor = request.from;
    if (state.endedLeader !== 0) state.resetElectionTimer();
    state.electionElapsed = 0;
  }
  answerVote(state, request, granted);
}

export function answerVote(state: RaftState, request: VoteRequest, granted: boolean): void {
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
 * One vote a term, for a log that is at least as new (Raft paper, 5.2 and 5.4.1). Learners vote too:
 * who asks one has a configuration in which it was promoted, which it may not know yet.
 */
function mayVote(state: RaftState, request: VoteRequest): boolean {
  if (state.recovery !== 0) return false;
  // A leader may hold a lease on this member's word. Who was asked to take over is not bound by it.
  if (!request.transfer && isPromised(state)) return false;
  if (request.preVote && goesFirst(state, request)) return false;
  const free =
    state.votedFor === request.from ||
    (state.votedFor === 0 && state.leader === 0) ||
    (request.preVote && request.term > state.term);
  return free && state.log.isUpToDate(request.lastTerm, request.lastIndex);
}

/**
 * Whether this member asks the same in this very tick. Who saw the leader's process end at once may
 * ask at once, grant each other, and split the vote; so the lower id goes first, with an equal log.
 */
function goesFirst(state: RaftState, { from, lastIndex, lastTerm }: VoteRequest): boolean {
  const { id, role, elections, electionElapsed, log } = state;
  if (role !== 'pre-candidate' || elections.lastReason !== 'leader-ended') return false;
  if (electionElapsed > 0 || id > from) return false;
  return lastIndex === log.lastIndex && lastTerm === log.lastTerm;
}

/** Whether a leader was heard from too recently to help unseat it (Raft thesis, 4.2.3). */
export function hasRecentLeader(state: RaftState): boolean {
  return (
    state.options.checkQuorum &&
    state.leader !== 0 &&
    state.electionElapsed < state.options.electionTicks
  );
}

/**
 * Where the logs agree, what one knows to be committed is so for the other. A learner that is asked
 * to vote was promoted, and may hold the newest log, so that nobody but itself can win
 * (etcd#12359); a candidate that is refused may need the vote of one that was removed; and one that
 * is elected by a member without its state must have as much as that state to hand to it, also when
 * that member's vote comes late: without that state it acknowledges nothing that would tell as much.
 */
export function learnCommit(
  state: RaftState,
  { commit, commitTerm }: VoteRequest | VoteResponse | HeartbeatResponse,
): void {
  if (state.log.matches(commit, commitTerm)) state.log.commitTo(commit);
}
