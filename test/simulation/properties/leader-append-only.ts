import type { NamedProperty } from '../property.js';

/**
 * Leader append-only: a leader never replaces or deletes entries of its log, it only appends
 * (Raft paper, figure 3 and 5.3); and what it appends is of its own term.
 */
export const leaderAppendOnly: NamedProperty = {
  name: 'leader-append-only',
  create(world, violate) {
    return {
      handedOver(member, write, replaced) {
        const status = world.member(member).status;
        if (status?.role !== 'leader') return;
        // It may have lost the lead in this very turn; its new term is part of the write then.
        if (write.hardState !== undefined && write.hardState.term > status.term) return;
        const last = write.entries.at(-1);
        const first = replaced[0];
        if (first !== undefined && last?.term === status.term) {
          violate(
            `member ${member} leads term ${status.term} and replaced its entry ${first.index}`,
          );
        }
      },
    };
  },
};
