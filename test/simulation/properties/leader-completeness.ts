import type { MemberId } from 'raft-ts';
import type { NamedProperty } from '../property.js';

/**
 * Leader completeness: what was committed in a term is in the log of every later leader, or in the
 * state that its log begins behind (Raft paper, figure 3, 5.4 and 7). And the rule it needs: a
 * leader counts copies only of entries of its own term (5.4.2, figure 8). What a member says in its
 * answers that it knows to be committed, the leader need not count.
 */
export const leaderCompleteness: NamedProperty = {
  name: 'leader-completeness',
  create(world, violate) {
    /** The highest commit index that others have told each member with their answers. */
    const told = new Map<MemberId, number>();

    function checkElected(member: MemberId, term: number): void {
      const { disk, store } = world.member(member);
      const { log } = disk;
      if (store.appliedIndex < log.base.index) {
        violate(`member ${member} leads without the state that its log begins behind`);
      }
      for (let index = log.base.index + 1; index <= world.committed.length; index++) {
        const known = world.committed[index - 1]?.term;
        if (known === undefined || log.termAt(index) === known) continue;
        // It may win an old term when a later one has committed more already.
        if ((world.committedIn[index - 1] ?? Number.POSITIVE_INFINITY) >= term) continue;
        violate(
          `member ${member} leads term ${term} without entry ${index} of term ${known}, ` +
            'which is committed',
        );
        return;
      }
    }

    return {
      sent(message) {
        if (message.type !== 'vote-response' && message.type !== 'heartbeat-response') return;
        told.set(message.to, Math.max(told.get(message.to) ?? 0, message.commit));
      },
      turned(member, now, before) {
        if (now.role !== 'leader') return;
        if (before?.role !== 'leader' || before.term !== now.term) {
          checkElected(member, now.term);
          return;
        }
        if (now.commit === before.commit) return;
        const { log } = world.member(member).disk;
        const term = log.termAt(now.commit);
        if (term !== now.term && now.commit > (told.get(member) ?? 0)) {
          violate(
            `member ${member} leads term ${now.term} and counted copies of entry ${now.commit}, ` +
              `of term ${term}`,
          );
        }
        if (log.termAt(before.commit + 1) !== now.term) {
          world.coverage.count('entries of an older term committed by a new leader');
        }
      },
    };
  },
};
