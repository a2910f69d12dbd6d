import type { Accepted, Rejected } from '../effects.js';
import { urgeTarget } from '../election/transfer.js';
import { type Entry, EntryType, entryBytes, type MemberId } from '../log/entry.js';
import type { AppendResponse } from '../message.js';
import { jointIndex } from '../quorum/joint.js';
import { endRecovery, usableUnder } from '../recovery/recovery.js';
import { offerSnapshot } from '../snapshot/offer-snapshot.js';
import type { RaftState } from '../state.js';
import type { Progress } from './progress.js';

/** Appends payloads to a leader's log, all or none. */
export function propose(state: RaftState, payloads: readonly Uint8Array[]): Accepted | Rejected {
  if (state.role !== 'leader' || !state.isMember) return state.rejection('not-leader');
  if (state.transfer !== undefined) return state.rejection('transferring');
  const { maxEntryBytes } = state.options;
  if (payloads.some((data) => data.byteLength > maxEntryBytes)) return state.rejection('too-large');
  const index = state.log.lastIndex + 1;
  const entries = payloads.map(
    (data, i): Entry => ({ index: index + i, term: state.term, type: EntryType.Command, data }),
  );
  const bytes = bytesOf(entries);
  if (overloads(state, bytes)) return state.rejection('overloaded');
  state.proposals.add(index + entries.length - 1, bytes);
  state.log.append(entries);
  return { accepted: true, index, term: state.term };
}

/** One proposal is always let in, however small the limits are. */
function overloads({ proposals, options }: RaftState, bytes: number): boolean {
  const { uncommittedBytes, unappliedBytes } = proposals;
  return (
    (uncommittedBytes > 0 && uncommittedBytes + bytes > options.maxUncommittedBytes) ||
    (unappliedBytes > 0 && unappliedBytes + bytes > options.maxUnappliedBytes)
  );
}

function bytesOf(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += entryBytes(entry);
  return bytes;
}

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

/** Sends the next entries, or sees to it that they come; false when nothing was sent. */
function sendEntries(state: RaftState, progress: Progress): boolean {
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
  state.entryReads.push({
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

function sendAppend(state: RaftState, progress: Progress, entries: readonly Entry[]): void {
  const { log } = state;
  const prevIndex = progress.next - 1;
  state.send({
    type: 'append',
    from: state.id,
    to: progress.id,
    term: state.term,
    prevIndex,
    prevTerm: log.termAt(prevIndex),
    commit: log.commit,
    entries,
  });
  progress.sent(entries.length, bytesOf(entries));
  progress.commitSent(log.commit);
}

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
  // Nothing of ours behind the hint's term can match there (Raft paper, end of 5.3).
  const hint =
    response.hintTerm > 0
      ? state.log.lastIndexWithTermAtMost(response.hintIndex, response.hintTerm)
      : response.hintIndex;
  if (progress.rejected(response.index, hint)) sendNext(state, progress);
}

/** After a refusal: the next probe at once, with or without entries. */
function sendNext(state: RaftState, progress: Progress): void {
  if (progress.next <= state.log.base.index || progress.next <= state.log.lastIndex) {
    if (progress.canSendEntries) sendEntries(state, progress);
  } else {
    sendAppend(state, progress, []);
  }
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

/** Commits what a majority holds durably, if it is of this term (Raft paper, 5.4.2, figure 8). */
export function advanceCommit(state: RaftState): void {
  if (state.role !== 'leader') return;
  const index = jointIndex(state.configuration, (id) =>
    id === state.id ? state.log.durable : (state.progress.get(id)?.counted ?? 0),
  );
  if (index < state.termStart || !state.log.commitTo(index)) return;
  state.proposals.committedTo(index);
}
