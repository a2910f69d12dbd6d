import { appendEmpty, becomeFollower } from '../election/roles.js';
import type { Heartbeat, Knowing, Recovered } from '../message.js';
import type { Progress } from '../replication/progress.js';
import type { RaftState } from '../state.js';
import { compareCommitted } from './contradiction.js';

/*
 * A member that has lost what it promised (entries it acknowledged, votes it gave) must not be
 * counted as if it had not, or two majorities stop overlapping. So it says so, under a number that
 * it draws, until a leader has told that number that it is recovered. In between it neither votes
 * nor campaigns, and nothing that it answers counts, though it is sent entries like a learner.
 *
 * The leader forgets what the member had acknowledged and appends an entry; once the others have
 * committed that entry without the member, and the member holds it, it is recovered. Why that is
 * enough: whoever else is elected after that needs the vote of one of those others, so
 *  - it has that entry, and everything that the member can have helped to commit before it;
 *  - it was not voted for by the member before the loss: a candidate that was had no such entry
 *    yet, and no member that has it elects one without it.
 * In the leader's own term the member's vote counts as given to the leader.
 *
 * A founder that was emptied and told again who founds does not know that it has lost anything. The
 * others' logs do: record-heard.ts. docs/decisions/0008-recovery.md has the cases.
 */

/**
 * Recoveries that a leader remembers, of members that were removed too: a late answer under such a
 * number would begin what nobody ends.
 */
const MAX_ENDED_RECOVERIES = 64;

/** Whether this log holds nothing but the configuration that the cluster began with. */
function isFresh({ log }: RaftState): boolean {
  if (log.lastIndex !== 1 || log.lastTerm !== 1) return false;
  const { index, membership } = log.base;
  // It may have been compacted.
  return index === 1 ? membership.index === 1 : membership.configuration.voters.length === 0;
}

/** From now on this member has to be brought up to date before it takes part. */
export function beginRecovery(state: RaftState): void {
  if (state.recovery !== 0) return;
  state.recovery = state.draw();
  // Whoever campaigns meanwhile could still be elected with what it has left.
  if (state.role !== 'follower') becomeFollower(state, state.term, 0);
}

/**
 * A founder's first start can't be told from one with an emptied disk by what is here, but by what
 * others know: where it has acknowledged something, its log held more.
 */
export function noticeLoss(state: RaftState, { heard }: Knowing): void {
  if (heard && isFresh(state)) beginRecovery(state);
}

/**
 * The leader knows an entry to be here, and committed. Where it is not, this log has lost it, and may
 * hold what another leader left instead.
 */
export function commitOrNoticeLoss(state: RaftState, heartbeat: Heartbeat): void {
  const { log } = state;
  const { from, commit, commitTerm } = heartbeat;
  if (commit <= log.commit) {
    compareCommitted(state, from, commit, commitTerm);
    return;
  }
  const isHere = commit <= log.lastIndex;
  if (isHere && log.termAt(commit) === commitTerm) log.commitTo(commit);
  else if (!isHere || commitTerm !== 0) beginRecovery(state);
}

/** A leader says that this member holds enough again. */
export function handleRecovered(state: RaftState, message: Recovered): void {
  if (state.recovery === 0 || message.recovery !== state.recovery) return;
  if (state.role !== 'follower' || state.leader !== message.from) return;
  state.recovery = 0;
  state.recoveredWrite = state.writeSequence + 1;
  // Unless it is known: what it may have voted in this term before counts as given to the leader.
  if (state.votedFor === 0) state.votedFor = message.from;
}

/** What makes a member one that has recovered is durable. */
export function recoveredDurable(state: RaftState, writeSequence: number): void {
  if (writeSequence >= state.recoveredWrite) state.recoveredWrite = 0;
}

/**
 * Leader: whether an answer that was given under `recovery` may be used at all. A new number makes
 * the leader start over with that member; an answer from before the loss is too old, and so is one
 * from before the end of a recovery, unless the member has not heard of that end.
 */
export function usableUnder(state: RaftState, progress: Progress, recovery: number): boolean {
  if (recovery === progress.recovery) return true;
  if (state.endedRecoveries.includes(recovery)) {
    sendRecovered(state, progress, recovery);
    return false;
  }
  if (recovery !== 0) {
    progress.startOver(recovery, appendEmpty(state), state.log.lastIndex);
    return true;
  }
  if (!isCaughtUp(state, progress)) return false;
  state.endedRecoveries = [...state.endedRecoveries, progress.recovery].slice(
    -MAX_ENDED_RECOVERIES,
  );
  progress.recovery = 0;
  return true;
}

function isCaughtUp({ log }: RaftState, progress: Progress): boolean {
  return progress.match >= progress.recoveryIndex && log.commit >= progress.recoveryIndex;
}

/** Leader: tells a member that it is recovered, again and again until it answers as such. */
export function endRecovery(state: RaftState, progress: Progress): void {
  const { recovery } = progress;
  if (recovery === 0 || !isCaughtUp(state, progress)) return;
  sendRecovered(state, progress, recovery);
}

function sendRecovered(state: RaftState, { id: to }: Progress, recovery: number): void {
  state.send({ type: 'recovered', from: state.id, to, term: state.term, recovery });
}

/** Whether this member knows of no cluster at all. */
export function isPristine({ log, term, configuration }: RaftState): boolean {
  return term === 0 && log.lastIndex === 0 && configuration.voters.length === 0;
}
