import type { Entry } from 'raft-ts';
import type { NamedProperty } from '../property.js';

interface Known {
  readonly entry: Entry;
  readonly previousTerm: number;
}

/**
 * Log matching: entries of equal index and term are equal, and so is all that stands before them
 * (Raft paper, figure 3 and 5.3). Checked by induction, whenever an entry enters a log: it is
 * the one known for its index and term, and it follows an entry of the same term as everywhere.
 * Where a log begins, it begins behind an entry that is committed (7).
 */
export const logMatching: NamedProperty = {
  name: 'log-matching',
  create(world, violate) {
    /** By index, then term. */
    const known: Map<number, Known>[] = [];
    return {
      handedOver(member, { base, entries }) {
        const { log } = world.member(member).disk;
        if (base !== undefined) {
          const term = world.committed[base.index - 1]?.term ?? base.term;
          if (term !== base.term) {
            violate(
              `the log of member ${member} begins behind an entry of term ${base.term} at ` +
                `${base.index}, where one of term ${term} is committed`,
            );
          }
        }
        for (const entry of entries) {
          const { index, term } = entry;
          const previousTerm = log.termAt(index - 1) ?? 0;
          known[index] ??= new Map();
          const other = known[index].get(term);
          if (other === undefined) {
            known[index].set(term, { entry, previousTerm });
            continue;
          }
          const { type, data } = other.entry;
          const same = type === entry.type && Buffer.compare(data, entry.data) === 0;
          if (!same) violate(`two entries of term ${term} at ${index}, one at member ${member}`);
          if (other.previousTerm !== previousTerm) {
            violate(
              `at member ${member} entry ${index} of term ${term} follows term ${previousTerm}, ` +
                `elsewhere term ${other.previousTerm}`,
            );
          }
        }
      },
    };
  },
};
