import type { MemberId } from './entry.js';

/** How the protocol behaves. Every member of a cluster should have the same. */
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
  maxEntryBytes: 4 * 1024 * 1024,
  maxAppendBytes: 1024 * 1024,
  maxInflightAppends: 64,
  maxInflightBytes: 8 * 1024 * 1024,
  maxUncommittedBytes: 32 * 1024 * 1024,
  maxApplyBytes: 1024 * 1024,
  logWindowBytes: 8 * 1024 * 1024,
  maxPendingReads: 65_536,
};

/** One line for every rule that `options`, `id` and `voters` break; empty when all is well. */
export function optionProblems(
  options: RaftOptions,
  id: MemberId,
  voters: readonly MemberId[],
): string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'number' && !(Number.isSafeInteger(value) && value > 0)) {
      problems.push(`${name} must be a whole number above 0, not ${value}`);
    }
  }
  if (options.electionTicks <= options.heartbeatTicks) {
    problems.push(
      `electionTicks (${options.electionTicks}) must be above heartbeatTicks (${options.heartbeatTicks})`,
    );
  }
  for (const member of [id, ...voters]) {
    if (!Number.isSafeInteger(member) || member < 1 || member > 0xffff_ffff) {
      problems.push(`a member id must be a whole number from 1 to ${0xffff_ffff}, not ${member}`);
    }
  }
  if (new Set(voters).size !== voters.length) problems.push('a voter is named twice');
  if (!voters.includes(id)) problems.push(`member ${id} is not among the voters ${voters}`);
  return problems;
}
