import { EntryType, type MemberId, type Membership } from 'raft-ts';
import { isJoint } from 'raft-ts/core';
import type { NamedProperty } from '../property.js';
import { majoritiesOverlap } from '../quorum.js';

/**
 * One configuration at a time, with overlapping majorities: every member knows the same one by the
 * same entry; each shares a member of every majority with the one before it; and a leader appends
 * a change only when it has applied all earlier ones of its log (Raft paper, 6; thesis, 4.1 and its
 * correction of 2015).
 */
export const overlappingMajorities: NamedProperty = {
  name: 'overlapping-majorities',
  create(world, violate) {
    /** By the index of the entry that brought it. */
    const memberships = new Map<number, Membership>();
    const checked = new Set<string>();
    /** What each member last had in force. */
    const inForce = new Map<MemberId, Membership>();

    function learn(member: MemberId, membership: Membership): void {
      const known = memberships.get(membership.index);
      if (known === undefined) {
        memberships.set(membership.index, membership);
      } else if (!same(known, membership)) {
        violate(
          `the membership of entry ${membership.index} is ${text(membership)} at member ` +
            `${member}, and ${text(known)} elsewhere`,
        );
      }
    }

    /** `next` came into force at a member directly behind `before`. */
    function follows(before: Membership, next: Membership): void {
      const key = `${before.index} ${next.index}`;
      if (checked.has(key)) return;
      checked.add(key);
      if (majoritiesOverlap(before.configuration, next.configuration)) return;
      violate(`two majorities are apart: ${text(before)}, then ${text(next)}`);
    }

    function count(before: Membership, { configuration }: Membership): void {
      const { coverage } = world;
      const was = before.configuration;
      if (isJoint(configuration) && !isJoint(was)) coverage.count('joint configuration entered');
      if (!isJoint(configuration) && isJoint(was)) coverage.count('joint configuration left');
      if (was.learners.some((id) => configuration.voters.includes(id))) {
        coverage.count('learner promoted');
      }
      if (
        configuration.learners.some((id) => was.voters.includes(id) || was.outgoing.includes(id))
      ) {
        coverage.count('voter became a learner');
      }
    }

    return {
      turned(member, now) {
        const before = inForce.get(member);
        if (before === now.membership) return;
        inForce.set(member, now.membership);
        learn(member, now.membership);
        if (before === undefined || before.index === 0) return;
        if (before.index === now.membership.index) return;
        // A snapshot may have skipped some.
        const skipped = [...memberships.keys()].some(
          (index) => index > before.index && index < now.membership.index,
        );
        if (skipped) return;
        follows(before, now.membership);
        count(before, now.membership);
      },
      handedOver(member, { entries }) {
        const status = world.member(member).status;
        if (status?.role !== 'leader') return;
        for (const { type, index, term } of entries) {
          if (type !== EntryType.Membership || term !== status.term) continue;
          const earlier = world
            .member(member)
            .disk.log.entries.findLast((other) => other.type === type && other.index < index);
          const applied = world.member(member).store.appliedIndex;
          if (earlier === undefined || earlier.index <= applied) continue;
          violate(
            `member ${member} appended a change of the membership at ${index}; that of ` +
              `${earlier.index} is not applied`,
          );
        }
      },
      started(member) {
        inForce.delete(member);
      },
    };
  },
};

function same(a: Membership, b: Membership): boolean {
  return text(a) === text(b);
}

function text({ configuration }: Membership): string {
  const { voters, outgoing, learners, nextLearners } = configuration;
  return [
    `voters ${voters}`,
    ...(outgoing.length > 0 ? [`outgoing ${outgoing}`] : []),
    ...(learners.length > 0 ? [`learners ${learners}`] : []),
    ...(nextLearners.length > 0 ? [`then learners ${nextLearners}`] : []),
  ].join(', ');
}
