import { urgeTarget } from '../election/transfer.js';
import type { AppendResponse } from '../message.js';
import { endRecovery, usableUnder } from '../recovery/recovery.js';
import { offerSnapshot } from '../snapshot/offer-snapshot.js';
import type { RaftState } from '../state.js';
import { advanceCommit } from './advance-commit.js';
import { probeNext } from './probe.js';
import type { Progress } from './progress.js';

export function handleAppendResponse(state: RaftState, response: AppendResponse): void {
  const progress = state.progress.get(response.from);
  if (progress === undefined || response.index > state.log.lastIndex) return;
  if (!usableUnder(state, progress, response.recovery)) return;
  progress.active = true;
  if (response.rejected) rejected(state, progress, response);
  else acknowledged(state, progress, response.index);
  endRecovery(state, progress);
}

function rejected(state: RaftState, progress: Progress, response: AppendResponse): void {
  if (response.index === 0 && progress.next === 1) {
    // It lacks what stands in front of the first entry.
    if (state.log.applied > 0) offerSnapshot(state, progress);
    return;
  }
  // Nothing of ours behind the hint's term can match there (Raft paper, end of 5.3).
  const hint =
    response.hintTerm > 0
      ? state.log.lastIndexWithTermAtMost(response.hintIndex, response.hintTerm)
      : response.hintIndex;
  if (progress.rejected(response.index, hint)) probeNext(state, progress);
}

function acknowledged(state: RaftState, progress: Progress, index: number): void {
  const news = progress.acknowledged(index);
  const found = progress.state === 'probe' && progress.match === index;
  if (!news && !found) return;
  if (progress.state === 'probe') {
    progress.becomeReplicate();
  } else if (progress.state === 'snapshot') {
    // However far the state reaches that it installed: the log has what comes next.
    if (progress.match >= state.log.base.index) progress.becomeReplicate();
  } else {
    progress.release(index);
  }
  advanceCommit(state);
  urgeTarget(state, progress);
}
