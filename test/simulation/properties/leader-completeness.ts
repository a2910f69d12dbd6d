import type { NamedProperty } from '../property.js';

/**
 * Leader completeness: what was committed in a term is in the log of every later leader (Raft
 * paper, figure 3 and 5.4). And the rule it needs: a leader counts copies only of entries of its
 * own term (5.4.2, figure 8).
 */
export const leaderCompleteness: NamedProperty = {
  name: 'leader-completeness',
  create(world, violate) {
    return {
      turned(member, now, before) {
        if (now.role !== 'leader') return;
        const { log } = world.disk(member);
        if (before?.role !== 'leader' || before.term !== now.term) {
          // It may win an old term when a later one has committed more already.
          const missing = world.committed.find(
            ({ index, term }) =>
              log[index - 1]?.term !== term &&
              (world.committedIn[index - 1] ?? Number.POSITIVE_INFINITY) < now.term,
          );
          if (missing !== undefined) {
            violate(
              `member ${member} leads term ${now.term} without entry ${missing.index} of term ` +
                `${missing.term}, which is committed`,
            );
          }
          return;
        }
        if (now.commit === before.commit) return;
        const { term } = log[now.commit - 1] ?? { term: 0 };
        if (term !== now.term) {
          violate(
            `member ${member} leads term ${now.term} and counted copies of entry ${now.commit}, ` +
              `of term ${term}`,
          );
        }
        if (log[before.commit]?.term !== now.term) {
          world.coverage.count('entries of an older term committed by a new leader');
        }
      },
    };
  },
};
