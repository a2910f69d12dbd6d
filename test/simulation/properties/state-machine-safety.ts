import type { Entry } from 'raft-ts';
import type { NamedProperty } from '../property.js';

/**
 * State machine safety: no two members ever take different entries for committed, or apply
 * different ones, at the same index (Raft paper, figure 3 and 5.4.3). Learns what is committed.
 */
export const stateMachineSafety: NamedProperty = {
  name: 'state-machine-safety',
  create(world, violate) {
    const { committed, committedIn } = world;

    function compare(member: number, entry: Entry, verb: string): void {
      const known = committed[entry.index - 1];
      if (known === undefined || (known.term === entry.term && sameData(known, entry))) return;
      violate(
        `member ${member} ${verb} an entry of term ${entry.term} at ${entry.index}, ` +
          `where one of term ${known.term} is committed`,
      );
    }

    return {
      turned(member, now, before) {
        const { log } = world.disk(member);
        for (let index = (before?.commit ?? 0) + 1; index <= now.commit; index++) {
          const entry = log[index - 1];
          if (entry === undefined) {
            violate(`member ${member} took ${index} for committed, which it does not have`);
            return;
          }
          compare(member, entry, 'took for committed');
          committed[index - 1] ??= entry;
          committedIn[index - 1] ??= now.term;
        }
      },
      applied(member, entry) {
        compare(member, entry, 'applied');
        if (committed[entry.index - 1] === undefined) {
          // Applied in the turn that learned of the commit: the turn's end compares the rest.
          if (entry.index === committed.length + 1) committed.push(entry);
          else violate(`member ${member} applied ${entry.index}, behind all that is committed`);
        }
      },
    };
  },
};

function sameData(a: Entry, b: Entry): boolean {
  return a.data === b.data || Buffer.compare(a.data, b.data) === 0;
}
