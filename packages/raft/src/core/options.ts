import { isMemberId, MAX_MEMBER_ID, type MemberId } from './log/entry.js';

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

const KINDS: ReadonlyMap<string, string> = new Map(
  Object.entries(defaultRaftOptions).map(([name, value]) => [name, typeof value]),
);

/** These may be 0 or without a bound. */
const UNBOUNDED: ReadonlySet<string> = new Set(['maxPromotionLagEntries']);
const MAY_BE_ZERO: ReadonlySet<string> = new Set(['priority', 'leaseMs', 'maxWriteTicks']);

/** One line for every rule that `options` and `ids` break; empty when all is well. */
export function optionProblems(options: RaftOptions, ids: readonly MemberId[]): string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries(options)) {
    const kind = KINDS.get(name) ?? typeof value;
    // Also where it is named and undefined: that would take the place of its default.
    if (typeof value !== kind) problems.push(`${name} must be a ${kind}, not ${value}`);
    else if (typeof value === 'number') problems.push(...numberProblems(name, value));
  }
  if (options.electionTicks <= options.heartbeatTicks) {
    problems.push(
      `electionTicks (${options.electionTicks}) must be above heartbeatTicks (${options.heartbeatTicks})`,
    );
  }
  if (options.priority > MAX_PRIORITY) {
    problems.push(`priority must be from 0 to ${MAX_PRIORITY}, not ${options.priority}`);
  }
  if (options.leaseMs > 0 && !options.checkQuorum) {
    problems.push('leaseMs needs checkQuorum: without it nothing keeps others from being elected');
  }
  for (const id of ids) {
    if (!isMemberId(id)) {
      problems.push(`a member id must be a whole number from 1 to ${MAX_MEMBER_ID}, not ${id}`);
    }
  }
  return problems;
}

function numberProblems(name: string, value: number): string[] {
  if (UNBOUNDED.has(name) && value === Number.POSITIVE_INFINITY) return [];
  if (name === 'leaseMs' && value >= 0 && Number.isFinite(value)) return [];
  const lowest = MAY_BE_ZERO.has(name) ? 0 : 1;
  if (Number.isSafeInteger(value) && value >= lowest) return [];
  return [`${name} must be a whole number, at least ${lowest}, not ${value}`];
}
