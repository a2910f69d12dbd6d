import { invariant } from '../invariant.js';
import type { MemberId } from '../log/entry.js';

/**
 * Who takes part. Every list ascends and names nobody twice.
 *
 * While `outgoing` is not empty the configuration is joint: whatever needs a majority needs one of
 * `voters` and one of `outgoing` (Raft paper, section 6). Invariants: a learner is no voter of
 * either half; who is in `nextLearners` is in `outgoing` and in no other list; `nextLearners` and
 * `autoLeave` are empty and false unless joint.
 */
export interface Configuration {
  readonly voters: readonly MemberId[];
  /** The voters that are being replaced; empty unless joint. */
  readonly outgoing: readonly MemberId[];
  /** They get every entry and count for nothing. */
  readonly learners: readonly MemberId[];
  /** Voters of the outgoing half that become learners once it is left. */
  readonly nextLearners: readonly MemberId[];
  /** The leader leaves the joint configuration by itself as soon as it has applied it. */
  readonly autoLeave: boolean;
}

export const EMPTY_CONFIGURATION: Configuration = {
  voters: [],
  outgoing: [],
  learners: [],
  nextLearners: [],
  autoLeave: false,
};

export function isJoint(configuration: Configuration): boolean {
  return configuration.outgoing.length > 0;
}

/** Voters of either half, ascending. */
export function allVoters({ voters, outgoing }: Configuration): readonly MemberId[] {
  return outgoing.length === 0 ? voters : ascending([...voters, ...outgoing]);
}

/** Everybody who is sent entries, ascending. */
export function allMembers(configuration: Configuration): readonly MemberId[] {
  return ascending([...allVoters(configuration), ...configuration.learners]);
}

export function isVoter(configuration: Configuration, id: MemberId): boolean {
  return configuration.voters.includes(id) || configuration.outgoing.includes(id);
}

/** Sorted, each once. */
export function ascending(ids: Iterable<MemberId>): readonly MemberId[] {
  return [...new Set(ids)].sort((a, b) => a - b);
}

/**
 * Which invariant of Configuration is broken, in words; undefined for none. Having no voters at all
 * is allowed: a log without members starts so.
 */
export function configurationProblem(configuration: Configuration): string | undefined {
  const { voters, outgoing, learners, nextLearners, autoLeave } = configuration;
  for (const ids of [voters, outgoing, learners, nextLearners]) {
    if (!ascends(ids)) return `members must be listed from 1 on, ascending: ${ids}`;
  }
  const voting = allVoters(configuration);
  for (const id of learners) {
    if (voting.includes(id)) return `${id} is a learner and a voter`;
  }
  for (const id of nextLearners) {
    if (!outgoing.includes(id)) return `${id} is to become a learner and no outgoing voter`;
    if (voters.includes(id)) return `${id} is to become a learner and stays a voter`;
  }
  return autoLeave && !isJoint(configuration) ? 'it is to be left and not joint' : undefined;
}

/** Throws InvariantBroken unless the invariants of Configuration hold. */
export function checkConfiguration(configuration: Configuration): Configuration {
  const problem = configurationProblem(configuration);
  invariant(problem === undefined, `configuration: ${problem}`);
  return configuration;
}

function ascends(ids: readonly MemberId[]): boolean {
  return ids.every((id, i) => id > (ids[i - 1] ?? 0));
}
