import { type Entry, type MemberId, totalBytes } from '../log/entry.js';
import { offerSnapshot } from '../snapshot/offer-snapshot.js';
import type { RaftState } from '../state.js';
import type { Progress } from './progress.js';

/** Sends the next entries, or sees to it that they come; false when nothing was sent. */
export function sendEntries(state: RaftState, progress: Progress): boolean {
  const { log, options } = state;
  // The entry before them is needed too: the append names its term.
  if (progress.next <= log.base.index) {
    offerSnapshot(state, progress);
    return false;
  }
  const entries = log.inMemory(progress.next, options.maxAppendBytes);
  if (entries === undefined) {
    readFromDisk(state, progress);
    return false;
  }
  sendAppend(state, progress, entries);
  return true;
}

function readFromDisk(state: RaftState, progress: Progress): void {
  progress.reading = true;
  state.notices.push({
    type: 'read-entries',
    reader: progress.id,
    first: progress.next,
    last: state.log.durable,
    maxBytes: state.options.maxAppendBytes,
  });
}

/** Entries that a lagging member needs were read from disk; none when they are gone. */
export function entriesReadFor(
  state: RaftState,
  reader: MemberId,
  entries: readonly Entry[],
): void {
  const progress = state.progress.get(reader);
  if (state.role !== 'leader' || progress === undefined || !progress.reading) return;
  progress.reading = false;
  // The answer to an earlier message may have moved `next`, or a new term replaced the entries.
  const current =
    entries[0]?.index === progress.next &&
    progress.next > state.log.base.index &&
    entries.every((entry) => state.log.matches(entry.index, entry.term));
  if (current && progress.canSendEntries) sendAppend(state, progress, entries);
}

export function sendAppend(state: RaftState, progress: Progress, entries: readonly Entry[]): void {
  const { log } = state;
  const prevIndex = progress.next - 1;
  state.send({
    type: 'append',
    from: state.id,
    to: progress.id,
    term: state.term,
    heard: log.memberships.hasHeard(progress.id),
    prevIndex,
    prevTerm: log.termAt(prevIndex),
    commit: log.commit,
    entries,
  });
  progress.sent(entries.length, totalBytes(entries));
  progress.commitSent(log.commit);
}
