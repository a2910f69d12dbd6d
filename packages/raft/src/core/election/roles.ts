import { invariant } from '../invariant.js';
import { EntryType, type MemberId } from '../log/entry.js';
import { abandonReads } from '../reads/read-index.js';
import { Progress } from '../replication/progress.js';
import type { RaftState } from '../state.js';
import { leadGivenUp } from './transfer.js';

/** Follows `leader` (0: whoever it will be) in `term`, which is never lower than the current. */
export function becomeFollower(state: RaftState, term: number, leader: MemberId): void {
  // A candidate alone does not put off the follower's own campaign (Raft paper, 5.2): it may be one
  // that can't win, and comes first because of its priority.
  const waitsOn = state.role === 'follower' && leader === 0 && state.electionTimeout > 0;
  if (term > state.term) {
    state.term = term;
    state.votedFor = 0;
  }
  abandonReads(state);
  if (state.role === 'leader') leadGivenUp(state);
  state.elections.ended('ended');
  state.role = 'follower';
  state.leader = leader;
  state.votes.clear();
  state.progress = new Map();
  state.proposals.clear();
  state.pendingChangeIndex = 0;
  state.ownVoteWrite = 0;
  if (!waitsOn) state.resetElectionTimer();
}

/** Asks whether it could win the next term, without entering it (Raft thesis, 9.6). */
export function becomePreCandidate(state: RaftState): void {
  campaigns(state);
  state.role = 'pre-candidate';
}

/** Enters the next term and votes for itself (Raft paper, 5.2). */
export function becomeCandidate(state: RaftState): void {
  campaigns(state);
  state.role = 'candidate';
  state.term++;
  state.votedFor = state.id;
  state.resetElectionTimer();
  // Counted when this write is durable: a vote that can be forgotten is none.
  state.ownVoteWrite = state.writeSequence + 1;
}

function campaigns(state: RaftState): void {
  invariant(state.role !== 'leader', 'a leader does not campaign');
  abandonReads(state);
  state.votes.clear();
  state.leader = 0;
  // Whoever refuses may hear the leader whose process seemed to have ended: once is enough.
  if (state.endedLeader !== 0) state.resetElectionTimer();
  state.electionElapsed = 0;
}

/** Won the election of this term. */
export function becomeLeader(state: RaftState): void {
  invariant(state.role === 'candidate', `only a candidate becomes leader, not a ${state.role}`);
  state.elections.ended('won');
  state.role = 'leader';
  state.leader = state.id;
  state.votes.clear();
  state.resetElectionTimer();
  state.heartbeatElapsed = 0;
  state.fetching = undefined;
  state.progress = new Map(
    state.others.map((id) => [id, new Progress(id, state.log.lastIndex + 1, state.options)]),
  );
  const { learners } = state.configuration;
  for (const progress of state.progress.values()) {
    progress.learner = learners.includes(progress.id);
  }
  state.proposals.clear();
  // A change may stand anywhere in the tail that others left: wait until all of it is applied.
  state.pendingChangeIndex = state.log.lastIndex;
  // Its commit commits everything before it (Raft paper, 5.4.2; thesis, 6.4).
  state.termStart = state.log.lastIndex + 1;
  appendEmpty(state);
}

/** An entry that changes nothing; returns its index. */
export function appendEmpty(state: RaftState): number {
  const index = state.log.lastIndex + 1;
  state.log.append([{ index, term: state.term, type: EntryType.Empty, data: new Uint8Array(0) }]);
  return index;
}
