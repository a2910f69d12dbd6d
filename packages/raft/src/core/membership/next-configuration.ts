import type { MemberId } from '../log/entry.js';
import { ascending, type Configuration, checkConfiguration, isJoint } from './configuration.js';
import { InvalidChange, type MemberChange, type MembershipChange } from './membership-change.js';

/**
 * The configuration that `change` leads to (Raft paper, section 6). One that makes no sense throws
 * InvalidChange.
 */
export function nextConfiguration(
  configuration: Configuration,
  { changes, transition }: MembershipChange,
): Configuration {
  if (changes.length === 0) return leaveJoint(configuration);
  if (transition === 'auto' && changes.length === 1) return simpleChange(configuration, changes);
  return enterJoint(configuration, changes, transition !== 'explicit');
}

/**
 * Changes one voter at most, and any number of learners, in one step: majorities before and after
 * then overlap (Raft thesis, 4.1). Also takes the first voter into a configuration without any.
 */
export function simpleChange(
  configuration: Configuration,
  changes: readonly MemberChange[],
): Configuration {
  checkConfiguration(configuration);
  if (isJoint(configuration)) {
    throw new InvalidChange("can't apply simple config change in joint config");
  }
  const changed = applyChanges(configuration, changes);
  if (differences(configuration.voters, changed.voters) > 1) {
    throw new InvalidChange('more than one voter changed without entering joint config');
  }
  return checkConfiguration(changed);
}

/** The voters so far become the outgoing half; the changes are made to the other one. */
export function enterJoint(
  configuration: Configuration,
  changes: readonly MemberChange[],
  autoLeave: boolean,
): Configuration {
  checkConfiguration(configuration);
  if (isJoint(configuration)) throw new InvalidChange('config is already joint');
  if (configuration.voters.length === 0) {
    throw new InvalidChange("can't make a zero-voter config joint");
  }
  const joint = { ...configuration, outgoing: configuration.voters };
  return checkConfiguration({ ...applyChanges(joint, changes), autoLeave });
}

/** The outgoing half decides no more, and who waited to become a learner is one. */
export function leaveJoint(configuration: Configuration): Configuration {
  checkConfiguration(configuration);
  if (!isJoint(configuration)) throw new InvalidChange("can't leave a non-joint config");
  return checkConfiguration({
    voters: configuration.voters,
    outgoing: [],
    learners: ascending([...configuration.learners, ...configuration.nextLearners]),
    nextLearners: [],
    autoLeave: false,
  });
}

/** The lists that a change alters, as sets. */
interface Draft {
  readonly voters: Set<MemberId>;
  readonly outgoing: ReadonlySet<MemberId>;
  readonly learners: Set<MemberId>;
  readonly nextLearners: Set<MemberId>;
}

/** Makes the changes one by one to `voters` and the learners. They may be repeated. */
function applyChanges(
  configuration: Configuration,
  changes: readonly MemberChange[],
): Configuration {
  const draft: Draft = {
    voters: new Set(configuration.voters),
    outgoing: new Set(configuration.outgoing),
    learners: new Set(configuration.learners),
    nextLearners: new Set(configuration.nextLearners),
  };
  for (const { type, id } of changes) {
    // Nobody: a change that was given up by who proposed it.
    if (id === 0) continue;
    if (type === 'add-voter') addVoter(draft, id);
    else if (type === 'add-learner') addLearner(draft, id);
    else if (type === 'remove') remove(draft, id);
  }
  if (draft.voters.size === 0) throw new InvalidChange('removed all voters');
  return {
    voters: ascending(draft.voters),
    outgoing: configuration.outgoing,
    learners: ascending(draft.learners),
    nextLearners: ascending(draft.nextLearners),
    autoLeave: configuration.autoLeave,
  };
}

function addVoter(draft: Draft, id: MemberId): void {
  remove(draft, id);
  draft.voters.add(id);
}

/** A voter of the outgoing half can't be a learner yet: it becomes one when that half goes. */
function addLearner(draft: Draft, id: MemberId): void {
  remove(draft, id);
  if (draft.outgoing.has(id)) draft.nextLearners.add(id);
  else draft.learners.add(id);
}

function remove(draft: Draft, id: MemberId): void {
  draft.voters.delete(id);
  draft.learners.delete(id);
  draft.nextLearners.delete(id);
}

function differences(before: readonly MemberId[], after: readonly MemberId[]): number {
  const added = after.filter((id) => !before.includes(id)).length;
  const removed = before.filter((id) => !after.includes(id)).length;
  return added + removed;
}
