import type { Election } from './election/election-history.js';
import type { MemberId } from './log/entry.js';
import type { Membership } from './membership/membership.js';
import { leaseEndMs } from './reads/lease.js';
import { heldByAll } from './replication/held-by-all.js';
import type { ProgressState } from './replication/progress.js';
import type { RaftState, Role } from './state.js';

/** What a leader knows about a member, itself included. */
export interface ProgressStatus {
  readonly id: MemberId;
  /** What it is known to hold durably, up to here. */
  readonly match: number;
  readonly next: number;
  /** Entries of the leader's log that it is not known to hold. */
  readonly lag: number;
  readonly state: ProgressState;
  readonly learner: boolean;
  /** Heard from since the last check of the quorum. */
  readonly active: boolean;
  readonly paused: boolean;
  readonly inflight: number;
  readonly inflightFull: boolean;
  /** The index of the state it was offered; 0 for none. */
  readonly pendingSnapshot: number;
  /** Whether it is being brought up to date and counts for nothing. */
  readonly recovering: boolean;
}

/** A copy of what a member knows, for operators and tests. */
export interface RaftStatus {
  readonly id: MemberId;
  readonly role: Role;
  readonly term: number;
  readonly votedFor: MemberId;
  /** 0 when unknown. */
  readonly leader: MemberId;
  readonly membership: Membership;
  readonly voter: boolean;
  /** It asks to be brought up to date, and neither votes nor campaigns. */
  readonly recovering: boolean;
  /** The member whose state is being fetched; 0 for none. */
  readonly fetchingFrom: MemberId;
  /** Who is being handed the lead; 0 for nobody. */
  readonly transferTarget: MemberId;
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** Bytes of the entries that the log holds, each with a fixed part beside its payload. */
  readonly logBytes: number;
  /**
   * Every member is known to hold the entries up to here durably, or can fetch a state instead: where all
   * have http endpoints, those count that are silent, and those that are fetching one. 0 where that is not known.
   */
  readonly heldByAll: number;
  readonly durable: number;
  readonly commit: number;
  readonly applied: number;
  readonly uncommittedBytes: number;
  readonly unappliedBytes: number;
  readonly windowBytes: number;
  readonly pendingReads: number;
  /** When its lease ends, by its monotonic clock, milliseconds; undefined for none. */
  readonly leaseEndMs: number | undefined;
  /** This member's last campaigns, oldest first. */
  readonly elections: readonly Election[];
  /** By ascending id; empty unless it leads. */
  readonly progress: readonly ProgressStatus[];
}

export function statusOf(state: RaftState): RaftStatus {
  const { id, role, term, votedFor, leader, membership, log, proposals } = state;
  return {
    id,
    role,
    term,
    votedFor,
    leader,
    membership,
    voter: state.isVoter,
    recovering: state.recovery !== 0,
    fetchingFrom: state.fetching?.from ?? 0,
    transferTarget: state.transfer?.target ?? 0,
    firstIndex: log.firstIndex,
    lastIndex: log.lastIndex,
    logBytes: log.bytes,
    heldByAll: heldByAll(state),
    durable: log.durable,
    commit: log.commit,
    applied: log.applied,
    uncommittedBytes: proposals.uncommittedBytes,
    unappliedBytes: proposals.unappliedBytes,
    windowBytes: log.windowBytes,
    pendingReads: state.reads.pending + state.remoteReads.pending,
    leaseEndMs: leaseEndMs(state),
    elections: state.elections.all,
    progress: role === 'leader' ? progressOf(state) : [],
  };
}

function progressOf(state: RaftState): readonly ProgressStatus[] {
  const { log } = state;
  const others = [...state.progress.values()].map((progress): ProgressStatus => {
    const { id, match, next, learner, active, paused, full, pendingSnapshot } = progress;
    return {
      id,
      match,
      next,
      lag: log.lastIndex - match,
      state: progress.state,
      learner,
      active,
      paused,
      inflight: progress.inflightAppends,
      inflightFull: full,
      pendingSnapshot,
      recovering: progress.recovery !== 0,
    };
  });
  const all = state.isMember ? [...others, own(state)] : others;
  return all.sort((a, b) => a.id - b.id);
}

/** The leader about itself. */
function own({ id, log, configuration }: RaftState): ProgressStatus {
  return {
    id,
    match: log.durable,
    next: log.durable + 1,
    lag: log.lastIndex - log.durable,
    state: 'replicate',
    learner: configuration.learners.includes(id),
    active: true,
    paused: false,
    inflight: 0,
    inflightFull: false,
    pendingSnapshot: 0,
    recovering: false,
  };
}
