import type { NamedProperty } from '../property.js';
import { Proposals } from './proposals.js';

const DAY_MS = 86_400_000;

/**
 * The wall time of an entry, which users see as a time of modification, is what its leader's clock
 * showed when it was proposed: wrong as long as that is, and right as soon as that is.
 */
export const wallTimesFollowClocks: NamedProperty = {
  name: 'wall-times-follow-clocks',
  create(world, violate) {
    const proposals = new Proposals(world);
    const seen = new Set<number>();
    let lastMs = Number.NEGATIVE_INFINITY;
    return {
      handedOver: (member, write) => proposals.handedOver(member, write),
      tookEffect(_member, index, _value, _store, times) {
        if (times === undefined || seen.has(index)) return;
        seen.add(index);
        if (times.wallMs <= lastMs - DAY_MS) {
          world.coverage.count('wall time of the log ran back by a day or more');
        }
        lastMs = times.wallMs;
        const proposal = proposals.at(index);
        if (proposal === undefined || proposal.wallMs === times.wallMs) return;
        violate(
          `entry ${index} is of ${times.wallMs} by the wall clock, ` +
            `and that of its leader ${proposal.leader} showed ${proposal.wallMs}`,
        );
      },
    };
  },
};
