import { quorumActive } from '../election/check-quorum.js';
import { becomeFollower } from '../election/roles.js';
import { diskStalled } from '../election/stalled-disk.js';
import { handOverAsStandIn } from '../election/stand-in.js';
import { urgeSuccessor } from '../election/transfer.js';
import { recordHeard } from '../recovery/record-heard.js';
import type { RaftState } from '../state.js';
import { broadcastHeartbeat } from './heartbeat.js';

export function tickLeader(state: RaftState): void {
  state.electionElapsed++;
  state.heartbeatElapsed++;
  if (diskStalled(state, state.options.maxWriteTicks)) {
    // The others go on committing without this disk, but nothing is applied or answered here.
    urgeSuccessor(state);
    becomeFollower(state, state.term, 0);
    return;
  }
  if (state.electionElapsed >= state.options.electionTicks) {
    state.electionElapsed = 0;
    if (state.options.checkQuorum && !quorumActive(state)) {
      becomeFollower(state, state.term, 0);
      return;
    }
    for (const progress of state.progress.values()) progress.checked();
  }
  if (state.heartbeatElapsed >= state.options.heartbeatTicks) {
    state.heartbeatElapsed = 0;
    recordHeard(state);
    handOverAsStandIn(state);
    for (const progress of state.progress.values()) progress.probeDue = true;
    broadcastHeartbeat(state);
  }
}
