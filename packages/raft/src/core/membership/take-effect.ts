import { becomeFollower } from '../election/roles.js';
import { checkTransferTarget, urgeSuccessor } from '../election/transfer.js';
import { confirmReads } from '../reads/read-index.js';
import { advanceCommit } from '../replication/advance-commit.js';
import { Progress } from '../replication/progress.js';
import { replicate } from '../replication/replicate.js';
import type { RaftState } from '../state.js';
import { allMembers } from './configuration.js';

/** Another membership has taken effect, because its entry was applied or a snapshot came. */
export function membershipTookEffect(state: RaftState): void {
  state.notices.push({ type: 'membership-in-force', membership: state.membership });
  // A newcomer may hold nothing of it.
  state.toldHeldByAll = 0;
  priorityTookEffect(state);
  if (state.role !== 'leader') {
    // Who was told of its removal by those it asked for votes could still be elected.
    if (state.role !== 'follower' && !state.isVoter) becomeFollower(state, state.term, 0);
    return;
  }
  trackMembers(state);
  if (!state.isVoter && state.options.stepDownOnRemoval) {
    // It was committed by the others' majority, so they can do without this member from here on.
    urgeSuccessor(state);
    becomeFollower(state, state.term, 0);
    return;
  }
  checkTransferTarget(state);
  advanceCommit(state);
  confirmReads(state);
  // Newcomers are probed before anything else is proposed.
  replicate(state);
}

/** A follower waits as long as is now its turn; a leader that is not to lead hands over. */
function priorityTookEffect(state: RaftState): void {
  const { priority, priorityBefore, role, term } = state;
  if (priority === priorityBefore) return;
  state.priorityBefore = priority;
  if (role === 'follower') state.resetElectionTimer();
  if (role === 'leader' && priority === 0) state.toldNotToLeadInTerm = term;
}

/** New members are tracked from the log's end on; who left is forgotten. */
function trackMembers(state: RaftState): void {
  const { configuration, log, options } = state;
  const tracked = new Map<number, Progress>();
  for (const id of allMembers(configuration)) {
    if (id === state.id) continue;
    const progress = state.progress.get(id) ?? newcomer(id, Math.max(log.lastIndex, 1), options);
    progress.learner = configuration.learners.includes(id);
    tracked.set(id, progress);
  }
  state.progress = tracked;
}

function newcomer(id: number, next: number, options: RaftState['options']): Progress {
  const progress = new Progress(id, next, options);
  // It had no chance to be heard from before the next check of the quorum.
  progress.active = true;
  return progress;
}
