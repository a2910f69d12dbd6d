import {
  number,
  type OptionCheck,
  type OptionsForm,
  wholeNumber,
  yesOrNo,
} from '@raft-ts/net/options';
import { MAX_MEMBER_ID, type MemberId } from './log/entry.js';

/** Priorities go from 0 to this. */
export const MAX_PRIORITY = 3;

/** How the protocol behaves. Every member of a cluster should have the same, but for `priority`. */
export interface RaftOptions {
  /** Ticks without a leader after which a member campaigns; randomized up to twice as many. */
  readonly electionTicks: number;
  /** Ticks between a leader's heartbeats; well below `electionTicks`. */
  readonly heartbeatTicks: number;
  /** Asks whether an election could be won before disturbing anyone (Raft thesis, 9.6). */
  readonly preVote: boolean;
  /**
   * A leader that has not heard from a majority for an election timeout gives up the lead, and
   * who heard from a leader within one refuses to vote (Raft thesis, 6.2 and 4.2.3).
   */
  readonly checkQuorum: boolean;
  /**
   * Up to 3 (the default): each step below 3 waits for one election timeout more before it campaigns,
   * so that others come first. 0: comes last, as it may hold the only other copy of what is committed;
   * a lead that it won so goes to a voter with a priority as soon as one holds everything.
   */
  readonly priority: number;
  /**
   * Milliseconds for which a majority's answers to a heartbeat, counted from its sending, allow
   * reads without asking again (Raft thesis, 6.4.1); 0 for never. Must be shorter than
   * `electionTicks` on the fastest clock; needs `checkQuorum` on every member.
   */
  readonly leaseMs: number;
  /**
   * Ticks after which a leader whose own disk has not finished a write hands over the lead, and a
   * member does not campaign. 0 for never.
   */
  readonly maxWriteTicks: number;
  /** A leader that is no voter any more, once that is applied, gives up the lead (Raft paper, 6). */
  readonly stepDownOnRemoval: boolean;
  /**
   * A leader that gives up the lead because it was removed, or its disk stalls, asks the most
   * advanced voter to campaign at once: the others need not wait for an election timeout.
   */
  readonly urgeSuccessor: boolean;
  /**
   * Refuses changes of the membership that could make two majorities apart: while another one is
   * not applied, or the configuration is joint. Off only to show in a test what happens then.
   */
  readonly validateChanges: boolean;
  /**
   * Refuses changes that would leave most voters to who lacks too much, or was never heard from: it
   * may never come, and nothing is committed without it. Off only to show in a test what happens then.
   */
  readonly checkPromotions: boolean;
  /**
   * Which state a leader offers who lacks entries that are compacted away. True: one as of what its log begins
   * behind, or any later one: after a failure the next offer asks for no more, and what was received
   * counts. False: one as of what is applied, after which fewer entries follow: for states that are
   * made anew for each offer anyway.
   */
  readonly offersLogStart: boolean;
  /** Entries that a new voter may lack; a change that adds one who lacks more is rejected. */
  readonly maxPromotionLagEntries: number;
  /** Bytes of one entry's payload; a larger proposal is rejected. */
  readonly maxEntryBytes: number;
  /** Bytes of entries in one append message; a single larger entry is sent alone. */
  readonly maxAppendBytes: number;
  /** Append messages with entries on their way to one member. */
  readonly maxInflightAppends: number;
  /** Bytes of entries on their way to one member. */
  readonly maxInflightBytes: number;
  /** Bytes of entries a leader has proposed and not committed; further proposals are rejected. */
  readonly maxUncommittedBytes: number;
  /** Bytes of entries a leader has proposed and not applied; further proposals are rejected. */
  readonly maxUnappliedBytes: number;
  /** Bytes of entries handed out at once to be applied. */
  readonly maxApplyBytes: number;
  /** Bytes of durable entries kept in memory for members that lag; older ones are read from disk. */
  readonly logWindowBytes: number;
  /** Reads that wait for their index; further ones are rejected. */
  readonly maxPendingReads: number;
}

export const defaultRaftOptions: RaftOptions = {
  electionTicks: 20,
  heartbeatTicks: 3,
  preVote: true,
  checkQuorum: true,
  priority: MAX_PRIORITY,
  leaseMs: 0,
  maxWriteTicks: 40,
  stepDownOnRemoval: true,
  urgeSuccessor: true,
  validateChanges: true,
  checkPromotions: true,
  offersLogStart: true,
  maxPromotionLagEntries: 10_000,
  maxEntryBytes: 4 * 1024 * 1024,
  maxAppendBytes: 1024 * 1024,
  maxInflightAppends: 64,
  maxInflightBytes: 8 * 1024 * 1024,
  maxUncommittedBytes: 32 * 1024 * 1024,
  maxUnappliedBytes: 64 * 1024 * 1024,
  maxApplyBytes: 1024 * 1024,
  logWindowBytes: 8 * 1024 * 1024,
  maxPendingReads: 65_536,
};

/** The check of an option that is a member's id. */
export const memberId: OptionCheck<MemberId> = wholeNumber(1, MAX_MEMBER_ID);

export const raftOptionsForm: OptionsForm<Partial<RaftOptions>, RaftOptions> = {
  fields: {
    electionTicks: wholeNumber(1),
    heartbeatTicks: wholeNumber(1),
    preVote: yesOrNo,
    checkQuorum: yesOrNo,
    priority: wholeNumber(0, MAX_PRIORITY),
    leaseMs: number(0),
    maxWriteTicks: wholeNumber(0),
    stepDownOnRemoval: yesOrNo,
    urgeSuccessor: yesOrNo,
    validateChanges: yesOrNo,
    checkPromotions: yesOrNo,
    offersLogStart: yesOrNo,
    maxPromotionLagEntries: wholeNumber(1, Number.POSITIVE_INFINITY),
    maxEntryBytes: wholeNumber(1),
    maxAppendBytes: wholeNumber(1),
    maxInflightAppends: wholeNumber(1),
    maxInflightBytes: wholeNumber(1),
    maxUncommittedBytes: wholeNumber(1),
    maxUnappliedBytes: wholeNumber(1),
    maxApplyBytes: wholeNumber(1),
    logWindowBytes: wholeNumber(1),
    maxPendingReads: wholeNumber(1),
  },
  defaults: defaultRaftOptions,
  rules: contradictions,
};

/** What is wrong with options together; each begins with the name of one. */
export function contradictions(
  options: Pick<RaftOptions, 'electionTicks' | 'heartbeatTicks' | 'leaseMs' | 'checkQuorum'>,
): readonly string[] {
  const { electionTicks, heartbeatTicks, leaseMs, checkQuorum } = options;
  const found: string[] = [];
  if (electionTicks <= heartbeatTicks) {
    found.push(`electionTicks (${electionTicks}) must be above heartbeatTicks (${heartbeatTicks})`);
  }
  if (leaseMs > 0 && !checkQuorum) {
    found.push('leaseMs needs checkQuorum: without it nothing keeps others from being elected');
  }
  return found;
}
