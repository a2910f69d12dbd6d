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
 */
export const logMatching: NamedProperty = {
  name: 'log-matching',
  create(world, violate) {
    const known = new Map<string, Known>();
    return {
      handedOver(member, write) {
        const { log } = world.disk(member);
        for (const entry of write.entries) {
          const { index, term } = entry;
          const previousTerm = log[index - 2]?.term ?? 0;
          const key = `${index} ${term}`;
          const other = known.get(key);
          if (other === undefined) {
            known.set(key, { entry, previousTerm });
            continue;
          }
          const same = other.entry === entry || Buffer.compare(other.entry.data, entry.data) === 0;
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
