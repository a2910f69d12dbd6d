import type { MemberId } from 'raft-ts';
import type { NamedProperty } from '../property.js';

/**
 * Terms and commits never go back: a member's term never falls, over restarts neither, unless its
 * disk was emptied; one whose log is rebuilt knows at least the term that it has told others; within one life its commit and applied index don't (Raft paper, figure 2,
 * "increases monotonically"), and nothing is applied that is not committed.
 */
export const neverBack: NamedProperty = {
  name: 'never-back',
  create(world, violate) {
    const terms = new Map<MemberId, number>();
    /** The highest in which others have a promise. */
    const told = new Map<MemberId, number>();
    return {
      sent(message) {
        const { type, from, term } = message;
        // Other answers promise nothing, and need not be on the disk.
        if (type !== 'append-response' && (type !== 'vote-response' || message.preVote)) return;
        if (term > (told.get(from) ?? 0)) told.set(from, term);
      },
      rebuilt(member, { term }) {
        const heard = told.get(member) ?? 0;
        if (term < heard) violate(`member ${member} begins again in term ${term}, after ${heard}`);
        // A crash may have left a later one on the disk that nobody was told of.
        terms.set(member, term);
      },
      durable(member, write) {
        if (write.hardState === undefined) return;
        const before = terms.get(member) ?? 0;
        const { term } = write.hardState;
        if (term < before) violate(`member ${member} wrote term ${term} after ${before}`);
        terms.set(member, term);
      },
      wiped(member) {
        terms.delete(member);
        told.delete(member);
      },
      turned(member, now, before) {
        const durable = terms.get(member) ?? 0;
        if (now.term < durable) {
          violate(`member ${member} is in term ${now.term}; its disk held ${durable}`);
        }
        if (now.commit > world.member(member).disk.log.lastIndex) {
          violate(`member ${member} has commit ${now.commit}, behind the end of its log`);
        }
        if (now.applied > now.commit) {
          violate(`member ${member} applied ${now.applied}, and has commit ${now.commit}`);
        }
        if (before === undefined) return;
        if (now.term < before.term) fell(member, 'term', before.term, now.term);
        if (now.commit < before.commit) fell(member, 'commit', before.commit, now.commit);
        if (now.applied < before.applied) fell(member, 'applied', before.applied, now.applied);
      },
    };

    function fell(member: MemberId, what: string, from: number, to: number): void {
      violate(`${what} of member ${member} fell from ${from} to ${to}`);
    }
  },
};
