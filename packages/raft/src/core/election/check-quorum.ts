import { jointIndex } from '../quorum/joint.js';
import type { RaftState } from '../state.js';

/** Whether a majority was heard from since the last check (Raft thesis, 6.2). */
export function quorumActive(state: RaftState): boolean {
  const heard = (id: number) => {
    const progress = state.progress.get(id);
    return progress?.active === true && progress.recovery === 0;
  };
  const index = jointIndex(state.configuration, (id) => (id === state.id || heard(id) ? 1 : 0));
  return index >= 1;
}
