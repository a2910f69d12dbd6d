import type { RaftState } from '../state.js';
import type { Progress } from './progress.js';
import { sendAppend, sendEntries } from './send-append.js';

/** Sends every member what it lacks and its window has room for. */
export function replicate(state: RaftState): void {
  if (state.role !== 'leader') return;
  for (const progress of state.progress.values()) replicateTo(state, progress);
}

function replicateTo(state: RaftState, progress: Progress): void {
  while (progress.next <= state.log.lastIndex && progress.canSendEntries) {
    if (!sendEntries(state, progress)) return;
  }
  // What it has to commit must not wait for the next proposal.
  const idle = progress.state === 'replicate' && !progress.paused;
  if (idle && progress.canBumpCommit(state.log.commit)) sendAppend(state, progress, []);
}
