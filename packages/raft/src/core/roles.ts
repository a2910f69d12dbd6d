import { EntryType, type MemberId } from './entry.js';
import { invariant } from './invariant.js';
import { Progress } from './progress.js';
import { abandonReads } from './reads.js';
import type { RaftState } from './state.js';

/** Follows `leader` (0: whoever it will be) in `term`, which is never lower than the current. */
export function becomeFollower(state: RaftState, term: number, leader: MemberId): void {
  if (term > state.term) {
    state.term = term;
    state.votedFor = 0;
  }
  abandonReads(state);
  state.role = 'follower';
  state.leader = leader;
  state.votes.clear();
  state.progress.clear();
  state.uncommitted = [];
  state.uncommittedBytes = 0;
  state.ownVoteWrite = 0;
  state.resetElectionTimer();
}

/** Asks whether it could win the next term, without entering it (Raft thesis, 9.6). */
export function becomePreCandidate(state: RaftState): void {
  becomeCampaigner(state);
  state.role = 'pre-candidate';
}

/** Enters the next term and votes for itself (Raft paper, 5.2). */
export function becomeCandidate(state: RaftState): void {
  becomeCampaigner(state);
  state.role = 'candidate';
  state.term++;
  state.votedFor = state.id;
  // Counted when this write is durable: a vote that can be forgotten is none.
  state.ownVoteWrite = state.writeSequence + 1;
}

function becomeCampaigner(state: RaftState): void {
  invariant(state.role !== 'leader', 'a leader does not campaign');
  state.votes.clear();
  state.leader = 0;
  state.resetElectionTimer();
}

/** Won the election of this term. */
export function becomeLeader(state: RaftState): void {
  invariant(state.role === 'candidate', `only a candidate becomes leader, not a ${state.role}`);
  state.role = 'leader';
  state.leader = state.id;
  state.votes.clear();
  state.resetElectionTimer();
  state.heartbeatElapsed = 0;
  state.progress.clear();
  for (const id of state.others) {
    state.progress.set(id, new Progress(id, state.log.lastIndex + 1));
  }
  state.uncommitted = [];
  state.uncommittedBytes = 0;
  // Its commit commits everything before it (Raft paper, 5.4.2; thesis, 6.4).
  const index = state.log.lastIndex + 1;
  state.termStart = index;
  state.log.append([{ index, term: state.term, type: EntryType.Empty, data: new Uint8Array(0) }]);
}
