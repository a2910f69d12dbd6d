import type { NamedProperty } from '../property.js';

/**
 * Recovering members do not decide: who says that it has lost what it promised gives no vote, asks
 * for none and does not lead, until a leader has brought it up to date (Raft paper, 5.2 and 5.4
 * rest on what members remember; Protocol-Aware Recovery, FAST'18).
 */
export const recoveringMembersDoNotDecide: NamedProperty = {
  name: 'recovering-members-do-not-decide',
  create(world, violate) {
    return {
      sent(message) {
        if (message.type !== 'vote' && message.type !== 'vote-response') return;
        if (message.type === 'vote-response' && !message.granted) return;
        const { from, type } = message;
        if (world.member(from).disk.durable.hardState.recovery === 0) return;
        violate(`member ${from} sends ${type} while it has to be brought up to date`);
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
