import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { majoritySize } from '../quorum/majority.js';
import {
  type Configuration,
  configurationProblem,
  EMPTY_CONFIGURATION,
  isJoint,
} from './configuration.js';
import { membershipChange } from './membership.test.support.js';
import {
  InvalidChange,
  LEAVE_JOINT,
  type MemberChange,
  type MembershipChange,
  type Transition,
} from './membership-change.js';
import { enterJoint, leaveJoint, nextConfiguration, simpleChange } from './next-configuration.js';

const TYPES = { v: 'add-voter', l: 'add-learner', r: 'remove', u: 'update' } as const;

/** `v1 l2 r3 u4` in the notation of the scripts. */
function changes(words: string): readonly MemberChange[] {
  return words.split(' ').map((word) => {
    const type = Object.entries(TYPES).find(([letter]) => word.startsWith(letter))?.[1];
    if (type === undefined) throw new Error(`no change: ${word}`);
    return { type, id: Number(word.slice(1)) };
  });
}

function change(words: string, transition: Transition = 'auto'): MembershipChange {
  return { changes: changes(words), transition };
}

function configuration(parts: Partial<Configuration>): Configuration {
  return { ...EMPTY_CONFIGURATION, ...parts };
}

/** Goes on with every change that makes sense; gives all configurations on the way. */
function history(steps: readonly MembershipChange[]): readonly Configuration[] {
  const all = [configuration({ voters: [1, 2, 3] })];
  for (const step of steps) {
    const before = all.at(-1) ?? EMPTY_CONFIGURATION;
    try {
      all.push(nextConfiguration(before, step));
    } catch (error) {
      if (!(error instanceof InvalidChange)) throw error;
    }
  }
  return all;
}

/** Every smallest set of members that may decide something. */
function quorums(configuration: Configuration): readonly ReadonlySet<number>[] {
  const found: Set<number>[] = [];
  for (const a of majorities(configuration.voters)) {
    for (const b of majorities(configuration.outgoing)) found.push(new Set([...a, ...b]));
  }
  return found;
}

function majorities(ids: readonly number[]): readonly (readonly number[])[] {
  if (ids.length === 0) return [[]];
  let subsets: readonly (readonly number[])[] = [[]];
  for (const id of ids) subsets = subsets.flatMap((subset) => [subset, [...subset, id]]);
  return subsets.filter((subset) => subset.length === majoritySize(ids.length));
}

describe('a change of the configuration', () => {
  it('keeps the invariants, whatever comes in whatever order', () => {
    fc.assert(
      fc.property(fc.array(membershipChange, { maxLength: 12 }), (steps) => {
        for (const reached of history(steps)) expect(configurationProblem(reached)).toBeUndefined();
      }),
    );
  });

  it('leaves no two majorities, before and after, without a member in common', () => {
    fc.assert(
      fc.property(fc.array(membershipChange, { maxLength: 8 }), (steps) => {
        const all = history(steps);
        for (let i = 1; i < all.length; i++) {
          const before = quorums(all[i - 1] ?? EMPTY_CONFIGURATION);
          for (const after of quorums(all[i] ?? EMPTY_CONFIGURATION)) {
            expect(before.every((ids) => [...ids].some((id) => after.has(id)))).toBe(true);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('goes the direct way with one change, else through a joint configuration', () => {
    const one = configuration({ voters: [1] });
    expect(nextConfiguration(one, change('v2'))).toEqual(configuration({ voters: [1, 2] }));
    const joint = nextConfiguration(one, change('v2 v3'));
    expect(joint).toEqual(configuration({ voters: [1, 2, 3], outgoing: [1], autoLeave: true }));
    expect(nextConfiguration(joint, LEAVE_JOINT)).toEqual(configuration({ voters: [1, 2, 3] }));
    expect(nextConfiguration(one, change('v2', 'implicit')).autoLeave).toBe(true);
    const explicit = nextConfiguration(one, change('v2', 'explicit'));
    expect([isJoint(explicit), explicit.autoLeave]).toEqual([true, false]);
  });

  it('makes an outgoing voter a learner only when the outgoing half goes', () => {
    const joint = enterJoint(configuration({ voters: [1] }), changes('v2 l1'), false);
    expect(joint).toEqual(configuration({ voters: [2], outgoing: [1], nextLearners: [1] }));
    expect(leaveJoint(joint)).toEqual(configuration({ voters: [2], learners: [1] }));
  });

  it('takes the last word about a member, and removes who is not there', () => {
    const joint = enterJoint(
      configuration({ voters: [1] }),
      changes('r1 r2 r9 v2 v3 v4 v2 v3 v4 l2 l2 r4 r4 l1 l1 r0 v0 u7'),
      false,
    );
    expect(joint).toEqual(
      configuration({ voters: [3], outgoing: [1], learners: [2], nextLearners: [1] }),
    );
  });

  it.each([
    ['removed all voters', () => simpleChange(configuration({ voters: [1] }), changes('r1'))],
    ['removed all voters', () => simpleChange(EMPTY_CONFIGURATION, changes('l1'))],
    [
      'more than one voter changed without entering joint config',
      () => simpleChange(configuration({ voters: [1] }), changes('r1 v5')),
    ],
    [
      "can't make a zero-voter config joint",
      () => enterJoint(EMPTY_CONFIGURATION, changes('v1'), true),
    ],
    ["can't leave a non-joint config", () => leaveJoint(configuration({ voters: [1] }))],
    [
      'config is already joint',
      () => enterJoint(configuration({ voters: [1], outgoing: [2] }), changes('v3'), true),
    ],
    [
      "can't apply simple config change in joint config",
      () => simpleChange(configuration({ voters: [1], outgoing: [2] }), changes('v3')),
    ],
  ])('is refused: %s', (message, act) => {
    expect(act).toThrow(new InvalidChange(message));
  });
});
