import type { NamedProperty } from '../property.js';

/**
 * Snapshots are gone on with: what a member has begun to receive it forgets only when every other member was
 * asked for the rest of it in vain, and what it received it does not ask for again (decision 0019).
 */
export const snapshotsAreGoneOnWith: NamedProperty = {
  name: 'snapshots-are-gone-on-with',
  create(_world, violate) {
    return {
      transferBegun(member, { id, blocks, before, unasked }) {
        if (before === undefined) return;
        if (before.id !== id && unasked.length > 0) {
          violate(
            `member ${member} begins with snapshot ${id} and forgets ${before.id}, which members ` +
              `${unasked} were not asked for`,
          );
        }
        if (before.id === id && blocks < before.blocks) {
          violate(
            `member ${member} goes on with ${id} at block ${blocks}, and had ${before.blocks}`,
          );
        }
      },
    };
  },
};
