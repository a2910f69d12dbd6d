import type { MemberId } from 'raft-ts';
import type { NamedProperty } from '../property.js';

/**
 * Terms and commits never go back: a member's term never falls, over restarts neither, unless its
 * disk was emptied; within one life its commit and applied index don't (Raft paper, figure 2,
 * "increases monotonically"), and nothing is applied that is not committed.
 */
export const neverBack: NamedProperty = {
  name: 'never-back',
  create(world, violate) {
    const terms = new Map<MemberId, number>();
    return {
      durable(member, write) {
        if (write.hardState === undefined) return;
        const before = terms.get(member) ?? 0;
        const { term } = write.hardState;
        if (term < before) violate(`member ${member} wrote term ${term} after ${before}`);
        terms.set(member, term);
      },
      wiped(member) {
        terms.delete(member);
      },
      turned(member, now, before) {
        const durable = terms.get(member) ?? 0;
        if (now.term < durable) {
          violate(`member ${member} is in term ${now.term}; its disk held ${durable}`);
        }
        if (now.commit > world.member(member).disk.log.lastIndex) {
          violate(`member ${member} has commit ${now.commit}, behind the end of its log`);
        }
        if (now.applied > now.commit) {
          violate(`member ${member} applied ${now.applied}, and has commit ${now.commit}`);
        }
        if (before === undefined) return;
        if (now.term < before.term) fell(member, 'term', before.term, now.term);
        if (now.commit < before.commit) fell(member, 'commit', before.commit, now.commit);
        if (now.applied < before.applied) fell(member, 'applied', before.applied, now.applied);
      },
    };

    function fell(member: MemberId, what: string, from: number, to: number): void {
      violate(`${what} of member ${member} fell from ${from} to ${to}`);
    }
  },
};
