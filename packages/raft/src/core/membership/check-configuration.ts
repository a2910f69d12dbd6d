import { invariant } from '../invariant.js';
import type { MemberId } from '../log/entry.js';
import { allVoters, type Configuration, isJoint } from './configuration.js';

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
