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

    function learn(member: number, entry: Entry, verb: string): void {
      const known = committed[entry.index - 1];
      if (known === undefined) {
        // Those between were never seen: their places stay empty.
        while (committed.length < entry.index) committed.push(undefined);
        committed[entry.index - 1] = entry;
      } else if (known !== entry && !sameEntry(known, entry)) {
        violate(
          `member ${member} ${verb} an entry of term ${entry.term} at ${entry.index}, ` +
            `where one of term ${known.term} is committed`,
        );
      }
    }

    return {
      turned(member, now, before) {
        const from = before?.commit ?? 0;
        if (now.commit === from) return;
        const { log } = world.member(member).disk;
        for (let index = Math.max(from, log.base.index) + 1; index <= now.commit; index++) {
          const entry = log.entry(index);
          if (entry === undefined) {
            violate(`member ${member} took ${index} for committed, which it does not have`);
            return;
          }
          learn(member, entry, 'took for committed');
          committedIn[index - 1] ??= now.term;
        }
      },
      applied(member, entry) {
        learn(member, entry, 'applied');
      },
    };
  },
};

function sameEntry(a: Entry, b: Entry): boolean {
  return a.term === b.term && a.type === b.type && Buffer.compare(a.data, b.data) === 0;
}
