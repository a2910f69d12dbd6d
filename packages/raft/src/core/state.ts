import type { RejectionReason } from './effects.js';
import type { Entry, HardState, MemberId } from './entry.js';
import type { LogState } from './log-state.js';
import type { Message } from './message.js';
import type { RaftOptions } from './options.js';
import type { Progress } from './progress.js';
import { RaftLog } from './raft-log.js';
import { type ConfirmedReads, ReadRounds } from './read-rounds.js';

/** follower, pre-candidate (asks whether it could win), candidate, leader. */
export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/** A disk read that the core is waiting for; `reader` 0 stands for applying. */
export interface EntryRead {
  readonly reader: MemberId;
  readonly first: number;
  readonly last: number;
  readonly maxBytes: number;
}

/** Entries of one proposal that are not committed yet. */
export interface UncommittedProposal {
  readonly lastIndex: number;
  readonly bytes: number;
}

/**
 * Everything one member knows (Raft paper, figure 2, and what its extensions add). The rules that
 * change it stand in election.ts, follower.ts, leader.ts and reads.ts; none does I/O.
 */
export class RaftState {
  readonly id: MemberId;
  readonly voters: readonly MemberId[];
  readonly options: RaftOptions;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: RaftLog;

  // Persistent: changes are handed out to be written before anything depends on them.
  term: number;
  votedFor: MemberId;
  /** What was last handed out to be written. */
  handedOut: HardState;

  role: Role = 'follower';
  /** 0 when unknown. */
  leader: MemberId = 0;
  electionElapsed = 0;
  heartbeatElapsed = 0;
  /** When to campaign, drawn anew with every change of term or role (Raft paper, 5.2). */
  electionTimeout = 0;

  // Candidates.
  readonly votes = new Map<MemberId, boolean>();
  /** The write that makes a candidate's vote for itself durable; 0 when there is none. */
  ownVoteWrite = 0;

  // Leaders.
  /** The others, not this member itself. */
  readonly progress = new Map<MemberId, Progress>();
  /** Index of the empty entry that opened this leader's term. */
  termStart = 0;
  uncommitted: UncommittedProposal[] = [];
  uncommittedBytes = 0;
  readonly reads = new ReadRounds();

  // What the next effects will hold.
  writeSequence = 0;
  toSend: Message[] = [];
  toSendOnceDurable: Message[] = [];
  entryReads: EntryRead[] = [];
  readyReads: ConfirmedReads[] = [];
  failedReads: number[] = [];
  /** Entries to apply that were read from disk. */
  entriesToApply: readonly Entry[] | undefined = undefined;
  applyReadPending = false;

  constructor(
    id: MemberId,
    voters: readonly MemberId[],
    options: RaftOptions,
    random: () => number,
    logState: LogState,
    applied: number,
  ) {
    this.id = id;
    this.voters = voters;
    this.options = options;
    this.random = random;
    this.log = new RaftLog(logState, applied);
    this.term = logState.hardState.term;
    this.votedFor = logState.hardState.votedFor;
    this.handedOut = logState.hardState;
  }

  get others(): readonly MemberId[] {
    return this.voters.filter((voter) => voter !== this.id);
  }

  send(message: Message): void {
    this.toSend.push(message);
  }

  /** For what acknowledges something: leaves once all that was decided so far is durable. */
  sendOnceDurable(message: Message): void {
    this.toSendOnceDurable.push(message);
  }

  rejection(reason: RejectionReason): {
    readonly accepted: false;
    readonly reason: RejectionReason;
    readonly leader: MemberId;
  } {
    return { accepted: false, reason, leader: this.leader };
  }

  resetElectionTimer(): void {
    const { electionTicks } = this.options;
    this.electionElapsed = 0;
    this.electionTimeout = electionTicks + Math.floor(this.random() * electionTicks);
  }
}
