import type { MemberId } from 'raft-ts';
import type { NamedProperty } from '../property.js';

/**
 * Terms and commits never go back: a member's term never falls, over restarts neither, and within
 * one life its commit and applied index don't (Raft paper, figure 2, "increases monotonically").
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
      turned(member, now, before) {
        const durable = terms.get(member) ?? 0;
        if (now.term < durable) {
          violate(`member ${member} is in term ${now.term}; its disk held ${durable}`);
        }
        if (now.commit > world.disk(member).log.length) {
          violate(`member ${member} has commit ${now.commit}, behind the end of its log`);
        }
        if (before === undefined) return;
        for (const name of ['term', 'commit', 'applied'] as const) {
          if (now[name] < before[name]) {
            violate(`${name} of member ${member} fell from ${before[name]} to ${now[name]}`);
          }
        }
      },
    };
  },
};
