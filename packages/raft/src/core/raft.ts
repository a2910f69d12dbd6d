import { completeOptions } from '@raft-ts/net/options';
import type { Accepted, Effect, Rejected, TransferAccepted } from './effects.js';
import {
  handleVoteResponse,
  ownVoteDurable,
  startElection,
  tickElection,
} from './election/campaign.js';
import { forgetLeader } from './election/follow-leader.js';
import {
  answerVote,
  handleVoteRequest,
  hasRecentLeader,
  learnCommit,
} from './election/grant-vote.js';
import { processEnded } from './election/process-ended.js';
import { becomeFollower } from './election/roles.js';
import { successor, tickTransfer, transferLeadership } from './election/transfer.js';
import type { Entry, MemberId } from './log/entry.js';
import type { LogBase } from './log/log-state.js';
import type { Membership } from './membership/membership.js';
import type { MembershipChange } from './membership/membership-change.js';
import { leaveJointWhenDue, proposeChange } from './membership/propose-change.js';
import { membershipTookEffect } from './membership/take-effect.js';
import type { Message } from './message.js';
import { raftOptionsForm } from './options.js';
import { type RaftStart, raftStartForm } from './raft-start.js';
import { holdsLease, promiseLease } from './reads/lease.js';
import {
  expireReads,
  handleReadRequest,
  handleReadResponse,
  requestRead,
} from './reads/read-index.js';
import {
  beginRecovery,
  handleRecovered,
  isPristine,
  recoveredDurable,
} from './recovery/recovery.js';
import { refuse } from './replication/acknowledge.js';
import { advanceCommit } from './replication/advance-commit.js';
import { propose } from './replication/propose.js';
import { handleAppend } from './replication/receive-append.js';
import { handleAppendResponse } from './replication/receive-append-response.js';
import { handleHeartbeat } from './replication/receive-heartbeat.js';
import { handleHeartbeatResponse } from './replication/receive-heartbeat-response.js';
import { replicate } from './replication/replicate.js';
import { entriesReadFor } from './replication/send-append.js';
import { tickLeader } from './replication/tick-leader.js';
import { handleSnapshotOffer, snapshotFailed } from './snapshot/fetch-snapshot.js';
import { snapshotFetched, snapshotInstalled } from './snapshot/install-snapshot.js';
import { handleSnapshotFailed } from './snapshot/offer-snapshot.js';
import { RaftState, type Role } from './state.js';
import { type RaftStatus, statusOf } from './status.js';
import { takeEffects } from './take-effects.js';

/**
 * One member of a Raft group, as a pure state machine: inputs change it, `takeEffects` hands out
 * all that the outside must do. No I/O, no clock, no promise; randomness comes from the caller,
 * so a run is a function of its inputs. A broken invariant throws InvariantBroken from any call, and
 * a leader that contradicts what is committed here CommittedContradicted: the member must then be
 * stopped.
 */
export class Raft {
  readonly #state: RaftState;

  /** Throws a TypeError that names everything that is wrong with what it is given. */
  constructor(start: RaftStart) {
    const refused = (message: string) => new TypeError(message);
    const parts = completeOptions(raftStartForm, start, refused);
    const options = completeOptions(raftOptionsForm, parts.options ?? {}, refused);
    this.#state = new RaftState({ ...parts, options });
    becomeFollower(this.#state, this.#state.term, 0);
    // An answer that a restart forgot may count in a lease.
    promiseLease(this.#state);
    if (start.joining === true && isPristine(this.#state)) beginRecovery(this.#state);
  }

  get role(): Role {
    return this.#state.role;
  }

  get term(): number {
    return this.#state.term;
  }

  /** 0 when unknown. */
  get leader(): MemberId {
    return this.#state.leader;
  }

  /** It asks to be brought up to date, and neither votes nor campaigns. */
  get recovering(): boolean {
    return this.#state.recovery !== 0;
  }

  /** Who takes part, as far as it is applied here. */
  get membership(): Membership {
    return this.#state.membership;
  }

  /** The last index the state machine has applied. */
  get appliedIndex(): number {
    return this.#state.log.applied;
  }

  /** Leader: the voter that could take over best, none of `without`; 0 for none. */
  successor(without: readonly MemberId[] = []): MemberId {
    return successor(this.#state, without)?.id ?? 0;
  }

  /** Bytes of this leader's proposals that are not committed yet. */
  get uncommittedBytes(): number {
    return this.#state.proposals.uncommittedBytes;
  }

  /** Entries in the log that are not committed yet. */
  get uncommittedEntries(): number {
    return this.#state.log.lastIndex - this.#state.log.commit;
  }

  /** A tick of the clock has passed. */
  tick(): void {
    const state = this.#state;
    state.ticks++;
    tickTransfer(state);
    if (state.role === 'leader') {
      tickLeader(state);
      leaveJointWhenDue(state);
    } else {
      expireReads(state);
      tickElection(state);
    }
  }

  /** Campaigns now, without waiting for the election timeout; not while a lease may forbid it. */
  campaign(): void {
    startElection(this.#state, 'request');
  }

  /** A message from another member has arrived. */
  step(message: Message): void {
    const state = this.#state;
    if (message.to !== state.id || message.from === state.id) return;
    if (message.term > state.term) {
      if (message.type === 'vote' && !message.transfer && hasRecentLeader(state)) return;
      if (entersTerm(message)) {
        becomeFollower(state, message.term, isFromLeader(message) ? message.from : 0);
      }
    } else if (message.term < state.term) {
      this.#answerOutdated(message);
      return;
    }
    this.#handle(message);
  }

  #handle(message: Message): void {
    const state = this.#state;
    const leading = state.role === 'leader';
    switch (message.type) {
      case 'vote':
        handleVoteRequest(state, message);
        break;
      case 'vote-response':
        handleVoteResponse(state, message);
        break;
      case 'append':
        handleAppend(state, message);
        break;
      case 'heartbeat':
        handleHeartbeat(state, message);
        break;
      case 'snapshot-offer':
        handleSnapshotOffer(state, message);
        break;
      case 'append-response':
        if (leading) handleAppendResponse(state, message);
        break;
      case 'heartbeat-response':
        if (leading) handleHeartbeatResponse(state, message);
        break;
      case 'snapshot-failed':
        if (leading) handleSnapshotFailed(state, message);
        break;
      case 'timeout-now':
        if (state.role === 'follower') startElection(state, 'transfer');
        break;
      case 'read-index':
        handleReadRequest(state, message);
        break;
      case 'read-index-response':
        handleReadResponse(state, message);
        break;
      case 'recovered':
        handleRecovered(state, message);
        break;
    }
  }

  /** The sender is behind; where it would otherwise stay behind, it is told the term. */
  #answerOutdated(message: Message): void {
    const state = this.#state;
    if (isFromLeader(message)) {
      // A leader whose followers moved on without it (it was cut off) has to learn of their term.
      refuse(state, message.from, 0, 0);
    } else if (message.type === 'vote') {
      // Who campaigns without pre-votes may hear of this term from nobody else, and campaign below it for ever.
      answerVote(state, message, false);
    } else if (message.type === 'vote-response') {
      // Its refusal is too old, what it knows is not.
      learnCommit(state, message);
    }
  }

  /** Appends payloads to the log, all or none, when this member leads. */
  propose(payloads: readonly Uint8Array[]): Accepted | Rejected {
    return propose(this.#state, payloads);
  }

  /** Sends what was proposed since the last time; `takeEffects` does so too. */
  replicate(): void {
    replicate(this.#state);
  }

  /** Appends a change of the membership, when this member leads; in force once it is applied. */
  changeMembership(change: MembershipChange): Accepted | Rejected {
    return proposeChange(this.#state, change);
  }

  /** Hands the lead to `target`. A transfer-ended effect tells how that went, within an election timeout. */
  transferLeadership(target: MemberId): TransferAccepted | Rejected {
    return transferLeadership(this.#state, target);
  }

  /**
   * Forgets who leads, so that a vote may be given before the election timeout: for whoever knows
   * that the leader is dead. Nothing on a leader, or with leases, which rest on that promise.
   */
  forgetLeader(): void {
    const state = this.#state;
    if (state.role === 'follower' && state.options.leaseMs === 0) forgetLeader(state);
  }

  /**
   * Asks for a linearizable read; `context` comes back in a read-ready or read-failed effect. With
   * `leaseAtMs`, the time by the clock that `takeEffects` is given, a leader that holds a lease
   * answers at once.
   */
  readIndex(context: number, leaseAtMs?: number): Pick<Accepted, 'accepted'> | Rejected {
    return requestRead(this.#state, context, leaseAtMs);
  }

  /** Whether this member leads, and nobody else can have been elected by `nowMs`; see `readIndex`. */
  holdsLease(nowMs: number): boolean {
    return holdsLease(this.#state, nowMs);
  }

  /**
   * The process of member `id` has ended, as far as whoever carries the messages can tell; never for
   * a connection that merely broke. Who followed it campaigns soon, with pre-votes, unless others
   * still hear it.
   */
  processEnded(id: MemberId): void {
    processEnded(this.#state, id);
  }

  /** What was sent to `id` is probably lost: its appends are probed anew. */
  reportUnreachable(id: MemberId): void {
    const progress = this.#state.progress.get(id);
    if (progress?.state === 'replicate') progress.becomeProbe();
  }

  /** The write effect `sequence`, and every one before it, is durable. */
  written(sequence: number): void {
    this.#state.log.writes.finished(sequence);
    ownVoteDurable(this.#state, sequence);
    recoveredDurable(this.#state, sequence);
    advanceCommit(this.#state);
  }

  /** The state machine has applied everything up to `index`. */
  applied(index: number): void {
    const state = this.#state;
    const changed = state.log.applyFinished(index);
    state.proposals.appliedTo(index);
    if (changed) membershipTookEffect(state);
    leaveJointWhenDue(state);
  }

  /** What a read-entries effect asked for; nothing when it is not there any more. */
  entriesRead(reader: MemberId, entries: readonly Entry[]): void {
    if (reader === 0) {
      this.#state.applyReadPending = false;
      if (entries.length > 0) this.#state.entriesToApply = entries;
    } else {
      entriesReadFor(this.#state, reader, entries);
    }
  }

  /**
   * The state machine holds everything up to `index` durably: the log may forget it. Nothing
   * happens for an index that is not applied, or forgotten already.
   */
  compact(index: number): void {
    const { log } = this.#state;
    if (index > log.base.index && index <= log.applied && !log.installing) log.compact(index);
  }

  /** The first of the newest entries that together take no more than `maxBytes`. */
  firstEntryWithin(maxBytes: number): number {
    return this.#state.log.firstWithin(maxBytes);
  }

  /** What a log that begins behind `index` would have as its base; `index` is applied and known. */
  baseAt(index: number): LogBase | undefined {
    const { log } = this.#state;
    if (index < log.base.index || index > log.applied) return undefined;
    if (index === log.base.index) return log.base;
    return { index, term: log.termAt(index), membership: log.memberships.at(index) };
  }

  /** True: the state that was fetched will be installed. False: it is of no use. */
  snapshotFetched(base: LogBase): boolean {
    return snapshotFetched(this.#state, base);
  }

  /** The fetch of a state at `index` or later has failed. */
  snapshotFailed(index: number): void {
    snapshotFailed(this.#state, index);
  }

  /** The state machine holds the state as of `index`, durably. */
  snapshotInstalled(index: number): void {
    snapshotInstalled(this.#state, index);
    leaveJointWhenDue(this.#state);
  }

  /**
   * Hands out, in order, everything there is to do, once. `nowMs`: a clock that never runs back,
   * read before anything of it is sent; leases are reckoned by it.
   */
  takeEffects(nowMs = 0): Effect[] {
    return takeEffects(this.#state, nowMs);
  }

  /** Sets the election timeout until it is drawn anew, for tests by scenario. */
  setElectionTimeout(ticks: number): void {
    this.#state.electionTimeout = ticks;
  }

  status(): RaftStatus {
    return statusOf(this.#state);
  }
}

function isFromLeader({ type }: Message): boolean {
  return type === 'append' || type === 'heartbeat' || type === 'snapshot-offer';
}

/** Pre-votes ask about a term without entering it, and so do their granted answers. */
function entersTerm(message: Message): boolean {
  if (message.type === 'vote') return !message.preVote;
  if (message.type === 'vote-response') return !(message.preVote && message.granted);
  return true;
}
