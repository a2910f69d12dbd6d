import type { MemberId } from '../log/entry.js';
import { MAX_PRIORITY } from '../options.js';
import { isPromised } from '../reads/lease.js';
import type { RaftState } from '../state.js';
import { forgetLeader } from './follow-leader.js';
import { transferTargetEnded } from './transfer.js';

/** The share of an election timeout from which the pause before a campaign is drawn. */
const PAUSE_SHARE = 1 / 4;

/**
 * The process of `id` has ended. Who followed it asks for pre-votes after a short pause, once, in
 * place of its election timeout. That may be wrong, as with a firewall that refuses in the leader's
 * name: so nobody enters a term by it, who still hears the leader grants nothing, and a lease that
 * rests on this member's word is waited for. Without `checkQuorum` nobody refuses for that reason,
 * and the election timeout stays.
 */
export function processEnded(state: RaftState, id: MemberId): void {
  state.progress.get(id)?.ended();
  transferTargetEnded(state, id);
  if (state.role !== 'follower' || state.leader !== id || !state.options.checkQuorum) return;
  const promisedTicks = isPromised(state) ? state.promisedToTick - state.ticks : 0;
  if (promisedTicks === 0) forgetLeader(state);
  // It comes last, and then waits.
  if (state.priority === 0) return;
  state.campaignSoon(id, state.electionElapsed + promisedTicks + drawPause(state));
}

/** From 1 on, so that the others learn of it meanwhile; who has a lower priority comes later. */
function drawPause({ options, priority, random }: RaftState): number {
  const longest = Math.ceil(options.electionTicks * PAUSE_SHARE);
  return 1 + Math.floor(random() * longest) + (MAX_PRIORITY - priority) * longest;
}
