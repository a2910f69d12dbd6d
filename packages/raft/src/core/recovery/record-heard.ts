import { appendRecord } from '../membership/propose-change.js';
import type { RaftState } from '../state.js';

/**
 * Leader: writes down which founders have acknowledged more than what the cluster began with. From
 * here on a log of theirs that holds no more has lost it. At most one such entry at a time, as with
 * changes of who takes part.
 */
export function recordHeard(state: RaftState): void {
  const { membership, log, progress } = state;
  if (membership.unheard.length === 0 || !state.isMember || state.transfer !== undefined) return;
  if (state.pendingChangeIndex > log.applied) return;
  const ids = membership.unheard.filter(
    (id) => (id === state.id ? log.durable : (progress.get(id)?.counted ?? 0)) > 1,
  );
  if (ids.length > 0) appendRecord(state, { kind: 'heard', ids });
}
