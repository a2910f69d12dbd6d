import { allMembers, statesAreFetched } from 'raft-ts/core';
import type { NamedProperty, World } from '../property.js';

/**
 * Cuts leave what is needed: what a log has forgotten, its member's state holds durably, so that no
 * crash leaves a state that lacks entries which nobody brings (Raft paper, section 7); and where the
 * policy of the framework does not overtake members, and not all give states over HTTP, it forgets nothing
 * that one of them lacks.
 */
export const cutsLeaveWhatIsNeeded: NamedProperty = {
  name: 'cuts-leave-what-is-needed',
  create(world, violate) {
    return {
      turned(member, now, before) {
        const base = now.firstIndex - 1;
        // A state that is to take the place of the log's front is on its way.
        if (base === 0 || now.applied < base) return;
        const { store, forgottenTo } = world.member(member);
        if (store.flushedIndex < base) {
          violate(
            `member ${member} has cut its log up to ${base}, and its state is durable as of ${store.flushedIndex}`,
          );
        }
        if (before === undefined || before.firstIndex === now.firstIndex) return;
        if (base <= forgottenTo || before.applied < base) return;
        world.coverage.count('log cut by policy');
        const { membership } = now;
        // Whoever is silent, or fetches a state, needs no entries any more.
        if (statesAreFetched(membership)) return;
        if (world.options.compaction.overtakeMembers === true) return;
        const participants = world.participants();
        for (const id of allMembers(membership.configuration)) {
          if (id === member || world.hasLost(id) || holds(world, id, base)) continue;
          // A leader knows earlier who has left, and says what is held by all others.
          if (!participants.includes(id)) continue;
          // A state has to be brought to it, whatever is kept from now on.
          if (!holds(world, id, before.firstIndex - 1)) continue;
          violate(`member ${member} has cut its log up to ${base}, which member ${id} lacks`);
        }
      },
    };
  },
};

function holds(world: World, id: number, index: number): boolean {
  return world.member(id).disk.durable.lastIndex >= index;
}
