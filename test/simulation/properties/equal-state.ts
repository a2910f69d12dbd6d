import type { NamedProperty } from '../property.js';

/**
 * Equal state at equal index: members that have applied the same entries hold the same state
 * (Raft paper, 2: replicated state machines), restarts and setbacks of their stores included.
 */
export const equalState: NamedProperty = {
  name: 'equal-state',
  create(world, violate) {
    const hashes = new Map<number, number>();

    function compare(member: number, index: number): void {
      const { hash } = world.store(member);
      const known = hashes.get(index);
      if (known === undefined) hashes.set(index, hash);
      else if (known !== hash) {
        violate(`the state of member ${member} at ${index} differs from another member's`);
      }
    }

    return {
      started: (member) => compare(member, world.store(member).appliedIndex),
      applied: (member, entry) => compare(member, entry.index),
    };
  },
};
