import type { MemberId } from 'raft-ts';
import type { NamedProperty } from '../property.js';

/**
 * Recovering members do not decide: who says that it has lost what it promised gives no vote, asks
 * for none and does not lead, until a leader has brought it up to date (Raft paper, 5.2 and 5.4
 * rest on what members remember; Protocol-Aware Recovery, FAST'18). What it sends in a term up to
 * the one in which it began may have been decided before; questions before an election bind nobody.
 */
export const recoveringMembersDoNotDecide: NamedProperty = {
  name: 'recovering-members-do-not-decide',
  create(world, violate) {
    /** The term of each member's disk when it first held that it recovers. */
    const since = new Map<MemberId, number>();
    return {
      sent(message) {
        if (message.type !== 'vote' && message.type !== 'vote-response') return;
        if (message.preVote || (message.type === 'vote-response' && !message.granted)) return;
        const { from, type, term } = message;
        if (term <= (since.get(from) ?? Number.POSITIVE_INFINITY)) return;
        violate(`member ${from} sends ${type} while it has to be brought up to date`);
      },
      durable(member, { hardState }) {
        if (hardState === undefined) return;
        if (hardState.recovery === 0) since.delete(member);
        else if (!since.has(member)) since.set(member, hardState.term);
      },
      wiped(member) {
        since.delete(member);
      },
      turned(member, now, before) {
        if (now.recovering && now.role !== 'follower') {
          violate(`member ${member} is ${now.role} while it has to be brought up to date`);
        }
        if (now.recovering && before?.recovering === false) {
          world.coverage.count('member noticed that it lost its log');
        }
        if (!now.recovering && before?.recovering === true) {
          world.coverage.count('member recovered');
        }
      },
    };
  },
};
