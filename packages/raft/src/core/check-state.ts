import { InvariantBroken } from './invariant.js';
import { isVoter } from './membership/configuration.js';
import type { Progress } from './replication/progress.js';
import type { RaftState } from './state.js';

/*
 * What holds of a member's state whenever it hands out effects, by subject. Asked in every turn, so
 * each takes a few comparisons, or as many for each member.
 */

/**
 * Throws InvariantBroken when a member's state is one that it can't have come to by the rules.
 * Before anything is handed out, so that a member gone wrong harms nobody but itself.
 */
export function checkState(state: RaftState): void {
  checkLog(state);
  checkTerm(state);
  checkReads(state);
  if (state.role === 'leader') checkLeader(state);
  else checkNoLeader(state);
  if (state.role !== 'follower') checkMayLead(state);
  if (state.transfer !== undefined) checkTransfer(state);
}

/** Raft paper, figure 2, 5.3 and section 7; thesis, 10.2.1. */
function checkLog(state: RaftState): void {
  const { log } = state;
  const { base, commit, lastIndex, durable, applied } = log;
  const ordered = base.index <= commit && commit <= lastIndex;
  if (!ordered) broken(state, 'a log begins at or before its commit and ends at or behind it');
  if (durable > lastIndex) broken(state, 'nothing is durable that the log does not hold');
  if (applied > commit || (applied > durable && !log.installing)) {
    broken(state, 'only what is committed and durable is applied');
  }
}

/** Raft paper, 5.1 and 5.2. */
function checkTerm(state: RaftState): void {
  const { term, votedFor, handedOut } = state;
  if (term < handedOut.term) broken(state, 'terms never fall');
  if (term === handedOut.term && handedOut.votedFor !== 0 && votedFor !== handedOut.votedFor) {
    broken(state, 'a vote stays as long as its term');
  }
}

/** Thesis, 6.4. */
function checkReads(state: RaftState): void {
  const { reads, remoteReads, promisedToTick } = state;
  if (reads.pending + remoteReads.pending > state.options.maxPendingReads) {
    broken(state, 'no more reads wait than maxPendingReads');
  }
  if (promisedToTick > state.ticks + state.options.electionTicks) {
    broken(state, 'a promise to elect nobody ends within an election timeout');
  }
}

/** Whoever campaigns or leads. Raft paper, sections 6 and 7. */
function checkMayLead(state: RaftState): void {
  if (state.recovery !== 0) {
    broken(state, 'a member that has lost what it promised neither campaigns nor leads');
  }
  if (state.log.lacksState || state.log.installing) {
    broken(state, 'a member without its state neither campaigns nor leads');
  }
  if (!state.isVoter && (state.role !== 'leader' || state.options.stepDownOnRemoval)) {
    broken(state, 'only a voter campaigns, or leads once its own removal is applied');
  }
}

/** Raft paper, figure 2, 5.3 and 5.4.2; thesis, 4.1 and 6.4. */
function checkLeader(state: RaftState): void {
  const { log, proposals } = state;
  if (state.leader !== state.id) broken(state, 'a leader follows itself');
  if (state.votes.size > 0) broken(state, 'only who campaigns counts votes');
  if (log.lastTerm !== state.term) broken(state, "a leader's log ends in its term");
  for (const progress of state.progress.values()) checkProgress(state, progress);
  if (proposals.uncommittedBytes > proposals.unappliedBytes) {
    broken(state, 'what is not committed is not applied');
  }
  if (state.pendingChangeIndex > log.lastIndex) {
    broken(state, 'a leader waits for changes of the membership that its log holds');
  }
  if (state.reads.confirming && log.commit < state.termStart) {
    broken(state, 'no read is confirmed before an entry of the term is committed');
  }
  if (state.remoteReads.pending > 0) broken(state, 'a leader asks nobody for an index');
}

function checkProgress(state: RaftState, progress: Progress): void {
  const { match, next, inflightAppends, inflightBytes } = progress;
  if (match >= next || next > state.log.lastIndex + 1) {
    broken(state, `match is below next (${match}, ${next}) and next at most behind the log`);
  }
  if (inflightAppends > state.options.maxInflightAppends) {
    broken(state, 'no more appends are on their way than maxInflightAppends');
  }
  const replicates = progress.state === 'replicate';
  if (inflightAppends === 0 ? inflightBytes !== 0 : !replicates) {
    broken(state, 'bytes are on their way as part of appends, and those to who replicates');
  }
  if ((progress.state === 'snapshot') !== progress.pendingSnapshot > 0) {
    broken(state, 'a state was offered to who is in state snapshot, and to nobody else');
  }
}

/** Raft paper, 5.2 and 5.3; thesis, 6.4. */
function checkNoLeader(state: RaftState): void {
  const { role, leader } = state;
  if (leader === state.id) broken(state, 'only a leader follows itself');
  if (state.progress.size > 0) broken(state, 'only a leader follows the progress of others');
  if (state.proposals.unappliedBytes > 0) broken(state, 'only a leader has proposals');
  if (state.pendingChangeIndex > 0) broken(state, 'only a leader proposes changes of membership');
  if (state.reads.pending > 0) broken(state, 'only a leader confirms reads');
  if (state.remoteReads.pending > 0 && leader === 0) {
    broken(state, 'who asks for an index knows a leader');
  }
  if (state.lease.begun) broken(state, 'only a leader holds a lease');
  if (role === 'follower') {
    if (state.votes.size > 0) broken(state, 'only who campaigns counts votes');
    return;
  }
  if (leader !== 0) broken(state, 'who campaigns knows no leader');
  if (role === 'candidate' && state.votedFor !== state.id) {
    broken(state, 'a candidate has voted for itself');
  }
}

/** Thesis, 3.10. */
function checkTransfer(state: RaftState): void {
  const { transfer } = state;
  if (transfer === undefined) return;
  if (transfer.ticks >= state.options.electionTicks) {
    broken(state, 'handing over the lead ends within an election timeout');
  }
  const { target, givenUp } = transfer;
  if (givenUp) return;
  const toVoter = target !== state.id && isVoter(state.configuration, target);
  if (state.role !== 'leader' || !toVoter) broken(state, 'a leader hands over to another voter');
}

function broken(state: RaftState, rule: string): never {
  const { id, role, term, leader, votedFor, log } = state;
  throw new InvariantBroken(
    `${rule}; but member ${id} is a ${role} in term ${term}, its leader ${leader}, its vote for ` +
      `${votedFor}, its log ${log.firstIndex}..${log.lastIndex}, durable ${log.durable}, ` +
      `commit ${log.commit}, applied ${log.applied}`,
  );
}
