import { isVoter } from '../membership/configuration.js';
import type { Progress } from '../replication/progress.js';
import type { RaftState } from '../state.js';
import { transferLeadership } from './transfer.js';

/**
 * Election timeouts between two attempts to hand over: nothing can be proposed during one, and where
 * the successor does not win, nobody leads for some. Doubles with each from this...
 */
const FIRST_HAND_OVER_INTERVAL = 8;
/** ...to this. */
const LAST_HAND_OVER_INTERVAL = 512;

/**
 * A leader that is not meant to lead, and was elected because nobody else could be, or was told so while
 * it led: hands the lead to a voter that is, once one holds everything. A lead that it was handed, it keeps.
 */
export function handOverAsStandIn(state: RaftState): void {
  const { options, elections, ticks, term } = state;
  if (state.priority > 0) return;
  if (elections.lastReason !== 'timeout' && state.toldNotToLeadInTerm !== term) return;
  if (state.transfer !== undefined || ticks < state.handOverFromTick) return;
  const successor = [...state.progress.values()]
    .filter((progress) => isMeantToLead(state, progress))
    .sort((a, b) => b.priority - a.priority || b.match - a.match)[0];
  if (successor === undefined) return;
  const interval = FIRST_HAND_OVER_INTERVAL * 2 ** state.handOvers++;
  state.handOverFromTick =
    ticks + Math.min(interval, LAST_HAND_OVER_INTERVAL) * options.electionTicks;
  transferLeadership(state, successor.id);
}

function isMeantToLead({ configuration, log, termStart }: RaftState, progress: Progress): boolean {
  const { id, priority, active, recovery, match } = progress;
  if (priority === 0 || !active || recovery !== 0 || !isVoter(configuration, id)) return false;
  return match >= Math.max(termStart, log.commit);
}
