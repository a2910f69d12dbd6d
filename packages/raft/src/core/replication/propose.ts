import type { Accepted, Rejected } from '../effects.js';
import { type Entry, EntryType, totalBytes } from '../log/entry.js';
import type { RaftState } from '../state.js';

/** Appends payloads to a leader's log, all or none. */
export function propose(state: RaftState, payloads: readonly Uint8Array[]): Accepted | Rejected {
  if (state.role !== 'leader' || !state.isMember) return state.rejection('not-leader');
  if (state.transfer !== undefined) return state.rejection('transferring');
  // Nothing is there already, as of the last entry: a leader's log ends in its own term.
  if (payloads.length === 0)
    return { accepted: true, index: state.log.lastIndex, term: state.term };
  const { maxEntryBytes } = state.options;
  if (payloads.some((data) => data.byteLength > maxEntryBytes)) return state.rejection('too-large');
  const index = state.log.lastIndex + 1;
  const entries = payloads.map(
    (data, i): Entry => ({ index: index + i, term: state.term, type: EntryType.Command, data }),
  );
  const bytes = totalBytes(entries);
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
