import { becomeFollower } from '../election/roles.js';
import type { LogBase } from '../log/log-state.js';
import { membershipTookEffect } from '../membership/take-effect.js';
import { acknowledge } from '../replication/acknowledge.js';
import type { RaftState } from '../state.js';

/**
 * A state as of `base` was fetched. True: it will be installed, by an install-snapshot effect.
 * False: it is not needed any more, or not new enough; forget it.
 */
export function snapshotFetched(state: RaftState, base: LogBase): boolean {
  const { log } = state;
  if (state.fetching === undefined) return false;
  state.fetching = undefined;
  if (state.role === 'leader' || log.installing) return false;
  if (base.index <= log.applied || base.index < log.base.index) return false;
  if (log.lacksState && log.matches(base.index, base.term)) {
    log.commitTo(base.index);
    follow(state);
    log.installState(base);
    return true;
  }
  if (log.matches(base.index, base.term)) {
    // The entries are here, and can be applied.
    log.commitTo(base.index);
    acknowledge(state, log.commit);
    return false;
  }
  if (base.index <= log.commit) return false;
  follow(state);
  log.restore(base);
  membershipTookEffect(state);
  return true;
}

/** Who campaigns meanwhile, because its leader was lost, gives that up: nobody leads without its state. */
function follow(state: RaftState): void {
  if (state.role !== 'follower') becomeFollower(state, state.term, 0);
}

/** The state as of `index` has taken the place of the state machine's. */
export function snapshotInstalled(state: RaftState, index: number): void {
  const { membership } = state;
  state.log.installed(index);
  state.installHandedOut = false;
  if (state.membership !== membership) membershipTookEffect(state);
  acknowledge(state, state.log.commit);
}
