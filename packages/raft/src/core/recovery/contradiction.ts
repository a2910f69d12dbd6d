import type { MemberId } from '../log/entry.js';
import type { HeartbeatResponse } from '../message.js';
import type { RaftState } from '../state.js';

/*
 * What is committed is in the log of every later leader (Raft paper, 5.4), so that a leader holds
 * another entry where this member knows one to be committed is no work of the protocol: a member that
 * counted for one of them has forgotten it without knowing, as with an older copy of its disk. Which
 * history the cluster goes on with, only people can decide. So the member that holds the other one
 * stops, with all that it has, before it acknowledges anything of the leader's; and where the leader
 * alone can tell, it sees to it that the member can.
 */

/**
 * What this member holds as committed is not what its leader holds, or its term has two leaders. It
 * keeps all it has, and stops.
 */
export class CommittedContradicted extends Error {
  override readonly name = 'CommittedContradicted';
}

/** A leader, `from`, holds an entry of `term` at `index`; 0 where it has compacted that away. */
export function compareCommitted(
  { id, log }: RaftState,
  from: MemberId,
  index: number,
  term: number,
): void {
  // What is compacted away can't be compared any more.
  if (term === 0 || index > log.commit || index < log.base.index) return;
  if (log.termAt(index) === term) return;
  throw new CommittedContradicted(
    `member ${id} holds a committed entry ${index} of term ${log.termAt(index)}, and its leader, ` +
      `member ${from}, one of term ${term}: entries that were acknowledged are lost on most members, ` +
      SUSPICION,
  );
}

/** `from` leads this member's term. Nobody else does, unless somebody has forgotten a vote in it. */
export function checkOnlyLeader({ term, leader }: RaftState, from: MemberId): void {
  if (leader === 0 || leader === from) return;
  throw new CommittedContradicted(
    `members ${leader} and ${from} both lead term ${term}: somebody has voted twice in it, ${SUSPICION}`,
  );
}

const SUSPICION =
  'probably because an older copy of a data directory was put back on a member. This member has ' +
  'stopped and kept what it holds; docs/operate.md says how to go on';

/**
 * Leader: a member that holds something else as committed is shown what stands there, or will: behind
 * the end of its log a leader only puts entries of its own term.
 */
export function showContradicted(state: RaftState, response: HeartbeatResponse): void {
  const { id, term, log } = state;
  const { from, commit, commitTerm } = response;
  if (commit < log.base.index) return;
  const prevTerm = commit <= log.lastIndex ? log.termAt(commit) : term;
  if (prevTerm === commitTerm) return;
  state.send({
    type: 'append',
    from: id,
    to: from,
    term,
    heard: log.memberships.hasHeard(from),
    prevIndex: commit,
    prevTerm,
    commit: 0,
    entries: [],
  });
}
