import type { Accepted, Rejected } from './effects.js';
import { type Entry, EntryType, entryBytes, type MemberId } from './entry.js';
import type { AppendResponse } from './message.js';
import type { Progress } from './progress.js';
import { majorityIndex } from './quorum/majority.js';
import type { RaftState } from './state.js';

/** Appends payloads to a leader's log, all or none. */
export function propose(state: RaftState, payloads: readonly Uint8Array[]): Accepted | Rejected {
  if (state.role !== 'leader') return state.rejection('not-leader');
  const { maxEntryBytes, maxUncommittedBytes } = state.options;
  if (payloads.some((data) => data.byteLength > maxEntryBytes)) return state.rejection('too-large');
  const index = state.log.lastIndex + 1;
  const entries = payloads.map(
    (data, i): Entry => ({ index: index + i, term: state.term, type: EntryType.Command, data }),
  );
  const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  // One proposal is always let in, however small the limit is.
  if (state.uncommittedBytes > 0 && state.uncommittedBytes + bytes > maxUncommittedBytes) {
    return state.rejection('overloaded');
  }
  state.uncommitted.push({ lastIndex: index + entries.length - 1, bytes });
  state.uncommittedBytes += bytes;
  state.log.append(entries);
  return { accepted: true, index, term: state.term };
}

/** Sends every member what it lacks and its window has room for. */
export function replicate(state: RaftState): void {
  if (state.role !== 'leader') return;
  for (const progress of state.progress.values()) replicateTo(state, progress);
}

function replicateTo(state: RaftState, progress: Progress): void {
  const { maxInflightAppends, maxInflightBytes, maxAppendBytes } = state.options;
  while (
    progress.next <= state.log.lastIndex &&
    progress.canSend(maxInflightAppends, maxInflightBytes)
  ) {
    const entries = state.log.inMemory(progress.next, maxAppendBytes);
    if (entries === undefined) {
      readFromDisk(state, progress);
      return;
    }
    sendAppend(state, progress, entries);
  }
  // What it has to commit must not wait for the next proposal.
  if (progress.state === 'replicate' && progress.sentCommit < state.log.commit) {
    sendAppend(state, progress, []);
  }
}

function readFromDisk(state: RaftState, progress: Progress): void {
  progress.reading = true;
  state.entryReads.push({
    reader: progress.id,
    first: progress.next,
    last: state.log.durable,
    maxBytes: state.options.maxAppendBytes,
  });
}

/** Entries that a lagging member needs were read from disk. */
export function entriesReadFor(
  state: RaftState,
  reader: MemberId,
  entries: readonly Entry[],
): void {
  const progress = state.progress.get(reader);
  if (state.role !== 'leader' || progress === undefined || !progress.reading) return;
  progress.reading = false;
  const { maxInflightAppends, maxInflightBytes } = state.options;
  // The answer to an earlier message may have moved `next`, or a new term replaced the entries.
  const current =
    entries[0]?.index === progress.next &&
    entries.every((entry) => state.log.matches(entry.index, entry.term));
  if (current && progress.canSend(maxInflightAppends, maxInflightBytes)) {
    sendAppend(state, progress, entries);
  }
}

function sendAppend(state: RaftState, progress: Progress, entries: readonly Entry[]): void {
  const prevIndex = progress.next - 1;
  state.send({
    type: 'append',
    from: state.id,
    to: progress.id,
    term: state.term,
    prevIndex,
    prevTerm: state.log.termAt(prevIndex),
    commit: state.log.commit,
    entries,
  });
  progress.sentCommit = state.log.commit;
  progress.sent(
    prevIndex + entries.length,
    entries.reduce((sum, entry) => sum + entryBytes(entry), 0),
  );
}

/**
 * It answers although appends to it may have been lost: at most once a heartbeat interval, find
 * out. In probe the next replication sends again; in replicate an empty append behind the last
 * one is refused where something is missing.
 */
export function probe(state: RaftState, progress: Progress): void {
  progress.probeDue = false;
  progress.allowProbe();
  if (progress.match === state.log.lastIndex || progress.reading) return;
  if (progress.state === 'replicate') sendAppend(state, progress, []);
}

export function handleAppendResponse(state: RaftState, response: AppendResponse): void {
  const progress = state.progress.get(response.from);
  if (progress === undefined || response.index > state.log.lastIndex) return;
  progress.active = true;
  if (response.rejected) {
    // Nothing of ours behind the hint's term can match there (Raft paper, end of 5.3).
    const hint = state.log.lastIndexWithTermAtMost(response.hintIndex, response.hintTerm);
    progress.rejected(response.index, hint);
  } else if (progress.acknowledged(response.index)) {
    advanceCommit(state);
  }
}

/** Commits what a majority holds durably, if it is of this term (Raft paper, 5.4.2, figure 8). */
export function advanceCommit(state: RaftState): void {
  if (state.role !== 'leader') return;
  const index = majorityIndex(state.voters, (id) =>
    id === state.id ? state.log.durable : (state.progress.get(id)?.match ?? 0),
  );
  if (index < state.termStart || !state.log.commitTo(index)) return;
  let done = 0;
  for (const proposal of state.uncommitted) {
    if (proposal.lastIndex > index) break;
    state.uncommittedBytes -= proposal.bytes;
    done++;
  }
  if (done > 0) state.uncommitted.splice(0, done);
}
