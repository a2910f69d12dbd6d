import type { MemberId } from 'raft-ts';
import type { NamedProperty } from '../property.js';

/**
 * A member that was found to hold another state than most carries out nothing any more; and in the end
 * all that run hold the same.
 */
export const divergedMembersStop: NamedProperty = {
  name: 'diverged-members-stop',
  create(world, violate) {
    const diverged = new Set<MemberId>();
    return {
      diverged(member) {
        diverged.add(member);
      },
      tookEffect(member, index) {
        if (diverged.has(member))
          violate(`member ${member} applied ${index} after it had diverged`);
      },
      finished() {
        const running = world.participants().filter((id) => world.member(id).status !== undefined);
        const held = running.map((id) => world.member(id).store.values.join());
        const other = held.findIndex((values) => values !== held[0]);
        if (other > 0) violate(`members ${running[0]} and ${running[other]} hold different values`);
      },
    };
  },
};
