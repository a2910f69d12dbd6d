import { offerSnapshot } from '../snapshot/offer-snapshot.js';
import type { RaftState } from '../state.js';
import type { Progress } from './progress.js';
import { sendAppend, sendEntries } from './send-append.js';

/**
 * It answers although appends to it may have been lost: at most once a heartbeat interval, find
 * out. In probe the next append is sent again; in replicate an empty one behind the last is refused
 * where something is missing.
 */
export function probe(state: RaftState, progress: Progress): void {
  progress.probeDue = false;
  progress.resume();
  if (progress.reading || progress.state === 'snapshot') return;
  if (progress.match === state.log.lastIndex && progress.state === 'replicate') return;
  if (progress.next <= state.log.base.index) {
    offerSnapshot(state, progress);
  } else if (progress.next <= state.log.lastIndex && progress.canSendEntries) {
    sendEntries(state, progress);
  } else {
    sendAppend(state, progress, []);
  }
}

/** After a refusal: the next probe at once, with or without entries. */
export function probeNext(state: RaftState, progress: Progress): void {
  if (progress.next <= state.log.base.index || progress.next <= state.log.lastIndex) {
    if (progress.canSendEntries) sendEntries(state, progress);
  } else {
    sendAppend(state, progress, []);
  }
}
