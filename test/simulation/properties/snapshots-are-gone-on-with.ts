import type { NamedProperty } from '../property.js';

/**
 * Snapshots are gone on with: what a member received of a snapshot it does not ask for again, whoever it goes on
 * at and whatever came in between (decision 0019).
 */
export const snapshotsAreGoneOnWith: NamedProperty = {
  name: 'snapshots-are-gone-on-with',
  create(_world, violate) {
    return {
      transferBegun(member, { id, blocks, before }) {
        if (before === undefined) return;
        if (before.id === id && blocks < before.blocks) {
          violate(
            `member ${member} goes on with ${id} at block ${blocks}, and had ${before.blocks}`,
          );
        }
      },
    };
  },
};
