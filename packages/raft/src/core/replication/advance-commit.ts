import { jointIndex } from '../quorum/joint.js';
import type { RaftState } from '../state.js';

/** Commits what a majority holds durably, if it is of this term (Raft paper, 5.4.2, figure 8). */
export function advanceCommit(state: RaftState): void {
  if (state.role !== 'leader') return;
  const index = jointIndex(state.configuration, (id) =>
    id === state.id ? state.log.durable : (state.progress.get(id)?.counted ?? 0),
  );
  if (index < state.termStart || !state.log.commitTo(index)) return;
  state.proposals.committedTo(index);
}
