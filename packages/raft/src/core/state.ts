import type { Effect, Rejected, RejectionReason } from './effects.js';
import { ElectionHistory } from './election/election-history.js';
import type { Entry, HardState, MemberId } from './log/entry.js';
import type { LogState } from './log/log-state.js';
import { RaftLog } from './log/raft-log.js';
import { allMembers, type Configuration, isVoter } from './membership/configuration.js';
import type { Membership } from './membership/membership.js';
import type { Message } from './message.js';
import { MAX_PRIORITY, type RaftOptions } from './options.js';
import { LeaseStart } from './reads/lease-start.js';
import { ReadRounds } from './reads/read-rounds.js';
import { RemoteReads } from './reads/remote-reads.js';
import type { Progress } from './replication/progress.js';
import { ProposalBytes } from './replication/proposal-bytes.js';

/** follower, pre-candidate (asks whether it could win), candidate, leader. */
export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/** A handing over of the lead that is under way. */
export interface Transfer {
  /** Counts the transfers of this member. */
  readonly number: number;
  readonly target: MemberId;
  ticks: number;
  /** The lead is given up; who has it now is not known yet. */
  givenUp: boolean;
}

/** What a member starts with. */
export interface StateParts {
  readonly id: MemberId;
  readonly options: RaftOptions;
  /** Uniform in [0, 1); draws the election timeouts. */
  readonly random: () => number;
  /** Its membership says who the others are; see bootstrap.ts for that of a new cluster. */
  readonly log: LogState;
  /** What the state machine holds already; its entries are not handed out again. */
  readonly applied: number;
}

/** 2^48: numbers drawn below it are whole, and never meet by chance. */
const DRAWN_BELOW = 2 ** 48;

/**
 * Everything one member knows (Raft paper, figure 2, and what its extensions add). The rules that
 * change it stand in the files beside this one, by subject; none does I/O.
 */
export class RaftState {
  readonly id: MemberId;
  readonly options: RaftOptions;
  readonly random: () => number;
  readonly log: RaftLog;
  /** Counts ticks. */
  ticks = 0;

  // Persistent: changes are handed out to be written before anything depends on them.
  term: number;
  votedFor: MemberId;
  recovery: number;
  /** What was last handed out to be written. */
  handedOut: HardState;

  role: Role = 'follower';
  /** 0 when unknown. */
  leader: MemberId = 0;
  electionElapsed = 0;
  heartbeatElapsed = 0;
  /** When to campaign, drawn anew with every change of term or role (Raft paper, 5.2). */
  electionTimeout = 0;
  /** The leader whose process has ended: `electionTimeout` is short, for one campaign; 0 for none. */
  endedLeader: MemberId = 0;
  /**
   * No votes before this tick, in whatever term: a leader may hold a lease on this member's answer
   * to it, or on one that a restart forgot.
   */
  promisedToTick = 0;

  /** The write that makes the end of a recovery durable; 0 when there is none. */
  recoveredWrite = 0;

  // Candidates.
  readonly votes = new Map<MemberId, boolean>();
  /** The write that makes a candidate's vote for itself durable; 0 when there is none. */
  ownVoteWrite = 0;
  readonly elections = new ElectionHistory();

  // Leaders.
  /** The others, not this member itself, by ascending id. */
  progress = new Map<MemberId, Progress>();
  /** Index of the empty entry that opened this leader's term. */
  termStart = 0;
  /** No other change of the membership before this index is applied. */
  pendingChangeIndex = 0;
  readonly proposals = new ProposalBytes();
  readonly reads = new ReadRounds();
  readonly lease = new LeaseStart();
  /** Numbers under which members were brought up to date; the oldest are forgotten. */
  endedRecoveries: readonly number[] = [];
  transfer: Transfer | undefined;
  /** Transfers that have begun. */
  transfers = 0;
  /** The priority as of the last change of the membership. */
  priorityBefore: number;
  /** Its priority became 0 while it led this term: it hands over, whoever gave it the lead. */
  toldNotToLeadInTerm = 0;
  /** A stand-in does not try to hand over before this tick, the later the more often it has in vain. */
  handOverFromTick = 0;
  handOvers = 0;

  // Followers.
  /** What the leader said last of what all members hold; see held-by-all.ts. */
  toldHeldByAll = 0;
  readonly remoteReads: RemoteReads;
  /** The state that is being fetched. */
  fetching: { readonly from: MemberId; readonly index: number } | undefined;

  // What the next effects will hold.
  writeSequence = 0;
  toSend: Message[] = [];
  toSendOnceDurable: Message[] = [];
  /** Reads that ended, entries to read, a fetch to begin, a membership in force: in their order. */
  notices: Effect[] = [];
  /** Entries to apply that were read from disk. */
  entriesToApply: readonly Entry[] | undefined = undefined;
  applyReadPending = false;
  installHandedOut = false;

  constructor({ id, options, random, log, applied }: StateParts) {
    this.id = id;
    this.options = options;
    this.random = random;
    this.log = new RaftLog(log, applied, options.validateChanges);
    this.remoteReads = new RemoteReads(this.draw());
    this.term = log.hardState.term;
    this.votedFor = log.hardState.votedFor;
    this.recovery = log.hardState.recovery;
    this.handedOut = log.hardState;
    this.priorityBefore = this.priority;
  }

  get membership(): Membership {
    return this.log.memberships.current;
  }

  /** By the membership in force, or else by its own options; see RaftOptions. */
  get priority(): number {
    return this.membership.priorities?.[this.id] ?? this.options.priority;
  }

  get configuration(): Configuration {
    return this.membership.configuration;
  }

  /** Whether this member is a voter of the configuration in force. */
  get isVoter(): boolean {
    return isVoter(this.configuration, this.id);
  }

  /** Whether it takes part at all, as a voter or a learner. */
  get isMember(): boolean {
    return this.isVoter || this.configuration.learners.includes(this.id);
  }

  get others(): readonly MemberId[] {
    return allMembers(this.configuration).filter((id) => id !== this.id);
  }

  /** A whole number from 1 to 2^48 that nobody has drawn before. */
  draw(): number {
    return 1 + Math.floor(this.random() * DRAWN_BELOW);
  }

  send(message: Message): void {
    this.toSend.push(message);
  }

  /** For what acknowledges something: leaves once all that was decided so far is durable. */
  sendOnceDurable(message: Message): void {
    this.toSendOnceDurable.push(message);
  }

  rejection(reason: RejectionReason, detail?: string): Rejected {
    const rejected = { accepted: false, reason, leader: this.leader } as const;
    return detail === undefined ? rejected : { ...rejected, detail };
  }

  resetElectionTimer(): void {
    const { electionTicks } = this.options;
    this.electionElapsed = 0;
    const drawn = electionTicks + Math.floor(this.random() * electionTicks);
    this.electionTimeout = drawn + (MAX_PRIORITY - this.priority) * electionTicks;
    this.endedLeader = 0;
  }

  /** The process of `leader` has ended: one campaign comes when so many ticks have elapsed. */
  campaignSoon(leader: MemberId, elapsedTicks: number): void {
    this.electionTimeout = Math.min(this.electionTimeout, elapsedTicks);
    this.endedLeader = leader;
  }
}
