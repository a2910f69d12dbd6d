import type { MemberId } from 'raft-ts';
import type { NamedProperty } from '../property.js';

/**
 * While a leader holds a lease, by its own clock, nobody else is elected (Raft thesis, 6.4.1): also
 * while its process stands still, since it may go on and answer at any moment.
 */
export const leasesAreKept: NamedProperty = {
  name: 'leases-are-kept',
  create(world, violate) {
    const leaders = new Set<MemberId>();
    return {
      turned(member, now, before) {
        if (now.role !== 'leader' || before?.role === 'leader') return;
        leaders.add(member);
        for (const id of leaders) {
          const { status, monotonicMs } = world.member(id);
          if (id === member || status?.leaseEndMs === undefined) continue;
          if (status.term > now.term || monotonicMs >= status.leaseEndMs) continue;
          violate(
            `member ${member} leads term ${now.term} while member ${id} holds the lease of term ` +
              `${status.term} for ${status.leaseEndMs - monotonicMs} ms more`,
          );
        }
      },
    };
  },
};
