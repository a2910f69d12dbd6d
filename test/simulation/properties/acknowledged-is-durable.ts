import type { MemberId } from 'raft-ts';
import type { NamedProperty } from '../property.js';

/**
 * Acknowledged is durable: a member answers only when its disk holds what the answer promises
 * (Raft paper, figure 2, "updated on stable storage before responding"), and asks for votes only
 * with what a crash can't take; what is committed is on the disks of a majority, and never leaves
 * a disk again; and every append that a client was told of is on every member in the end.
 */
export const acknowledgedIsDurable: NamedProperty = {
  name: 'acknowledged-is-durable',
  create(world, violate) {
    /** How each member last stood. */
    const standing = new Map<MemberId, { readonly role: string; readonly term: number }>();
    const acknowledged: { readonly value: string; readonly length: number }[] = [];

    function holds(member: MemberId, index: number): boolean {
      return world.disk(member).entries[index - 1]?.term === world.committed[index - 1]?.term;
    }

    /** A vote for who no longer campaigns in that term elects nobody: its log may be cut by then. */
    function gaveUp(member: MemberId, term: number): boolean {
      const last = standing.get(member);
      return last?.term === term && last.role !== 'candidate';
    }

    return {
      sent(message) {
        if (message.type === 'vote' && !message.preVote && !gaveUp(message.from, message.term)) {
          const { from, term, lastIndex } = message;
          const { hardState, entries } = world.disk(from);
          if (term > hardState.term || lastIndex > entries.length) {
            violate(
              `member ${from} asked for votes in term ${term} with a log up to ${lastIndex}; ` +
                `its disk holds ${hardState.term} and ends at ${entries.length}`,
            );
          }
        }
        if (message.type !== 'append-response' && message.type !== 'vote-response') return;
        const { from, to, term } = message;
        const { hardState, entries } = world.disk(from);
        if (message.type === 'append-response') {
          if (message.rejected) world.coverage.count('append refused');
          else if (message.index > entries.length) {
            violate(
              `member ${from} acknowledged ${message.index}, and its disk ends at ${entries.length}`,
            );
          }
        }
        const promises = message.type === 'append-response' || !message.preVote;
        if (promises && term > hardState.term) {
          violate(`member ${from} answered in term ${term}; its disk holds ${hardState.term}`);
        }
        if (message.type !== 'vote-response' || message.preVote || !message.granted) return;
        if (term === hardState.term && hardState.votedFor !== to) {
          violate(
            `member ${from} voted for ${to} in term ${term}; its disk says ${hardState.votedFor}`,
          );
        }
      },
      durable(member, write, replaced) {
        const first = write.entries[0];
        if (replaced.length === 0 || first === undefined) return;
        world.coverage.count('uncommitted tail replaced');
        const last = Math.min(world.committed.length, first.index + replaced.length - 1);
        for (let index = first.index; index <= last; index++) {
          if (replaced[index - first.index]?.term !== world.committed[index - 1]?.term) continue;
          if (holds(member, index)) continue;
          violate(`member ${member} removed entry ${index} from its disk, which is committed`);
          return;
        }
      },
      turned(member, now, before) {
        standing.set(member, { role: now.role, term: now.term });
        if (now.role !== 'leader' || now.commit === (before?.commit ?? 0)) return;
        const copies = world.members.filter((id) => holds(id, now.commit)).length;
        if (copies * 2 <= world.members.length) {
          violate(
            `member ${member} committed ${now.commit}, which is on the disks of ${copies} members`,
          );
        }
      },
      completed(operation) {
        if (operation.kind !== 'append' || operation.result === undefined) return;
        acknowledged.push({ value: operation.value, length: operation.result.length });
      },
      finished() {
        for (const member of world.members) {
          const { values } = world.store(member);
          const lost = acknowledged.find(({ value, length }) => values[length - 1] !== value);
          if (lost !== undefined) {
            violate(`member ${member} does not have ${lost.value}, which was acknowledged`);
          }
        }
      },
    };
  },
};
