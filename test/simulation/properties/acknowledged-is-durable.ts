import type { MemberId } from 'raft-ts';
import type { NamedProperty } from '../property.js';
import { isQuorum } from '../quorum.js';

/**
 * Acknowledged is durable: a member answers only when its disk holds what the answer promises
 * (Raft paper, figure 2, "updated on stable storage before responding"), and asks for votes only
 * with what a crash can't take; what is committed is on the disks of a majority of the
 * configuration in force, and never leaves a disk again but for a state that has it; and every
 * append that a client was told of is on every member in the end.
 */
export const acknowledgedIsDurable: NamedProperty = {
  name: 'acknowledged-is-durable',
  create(world, violate) {
    /** How each member last stood. */
    const standing = new Map<MemberId, { readonly role: string; readonly term: number }>();
    const acknowledged: { readonly value: string; readonly length: number }[] = [];

    /** In its log, or in a state that a crash leaves there. */
    function holds(id: MemberId, index: number): boolean {
      const { disk, store } = world.member(id);
      if (index <= disk.durable.base.index) return store.flushedIndex >= index;
      return disk.durable.termAt(index) === world.committed[index - 1]?.term;
    }

    /** A vote for who no longer campaigns in that term elects nobody: its log may be cut by then. */
    function gaveUp(member: MemberId, term: number): boolean {
      const last = standing.get(member);
      if (last === undefined || last.term < term) return false;
      return last.term > term || last.role !== 'candidate';
    }

    return {
      sent(message) {
        if (message.type === 'vote' && !message.preVote && !gaveUp(message.from, message.term)) {
          const { from, term, lastIndex } = message;
          const { durable } = world.member(from).disk;
          if (term > durable.hardState.term || lastIndex > durable.lastIndex) {
            violate(
              `member ${from} asked for votes in term ${term} with a log up to ${lastIndex}; ` +
                `its disk holds ${durable.hardState.term} and ends at ${durable.lastIndex}`,
            );
          }
        }
        if (message.type !== 'append-response' && message.type !== 'vote-response') return;
        const { from, to, term } = message;
        const { durable } = world.member(from).disk;
        const { hardState } = durable;
        if (message.type === 'append-response') {
          if (message.rejected) world.coverage.count('append refused');
          else if (message.index > durable.lastIndex && term >= hardState.term) {
            // In an older term it was there, and a leader of this one has replaced it since.
            violate(
              `member ${from} acknowledged ${message.index}, and its disk ends at ` +
                `${durable.lastIndex}`,
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
        const [first] = replaced;
        if (first === undefined) return;
        world.coverage.count('uncommitted tail replaced');
        // A late append of a leader from before it was committed may cut off a copy that did not
        // count: who counts has told a later leader that it holds it, and hears older ones no more.
        const byTerm = write.entries.find(({ index }) => index === first.index)?.term;
        const gone = replaced.find(
          ({ index, term }) =>
            world.committed[index - 1]?.term === term &&
            (byTerm ?? Number.POSITIVE_INFINITY) >= (world.committedIn[index - 1] ?? 0) &&
            !holds(member, index),
        );
        if (gone === undefined) return;
        violate(`member ${member} removed entry ${gone.index} from its disk, which is committed`);
      },
      turned(member, now, before) {
        const last = standing.get(member);
        if (last?.role !== now.role || last.term !== now.term) {
          standing.set(member, { role: now.role, term: now.term });
        }
        if (now.role !== 'leader' || now.commit === (before?.commit ?? 0)) return;
        // Who has lost it since may have acknowledged it before.
        const has = (id: MemberId) => holds(id, now.commit) || world.hasLost(id);
        if (isQuorum(now.membership.configuration, has)) return;
        // It may have been committed in the configuration before one that took effect just now.
        if (before !== undefined && isQuorum(before.membership.configuration, has)) return;
        const copies = world.options.machines.filter(has);
        violate(
          `member ${member} committed ${now.commit}, which is on the disks of ${copies} alone`,
        );
      },
      completed(operation) {
        if (operation.kind !== 'append' || operation.result === undefined) return;
        acknowledged.push({ value: operation.value, length: operation.result.length });
      },
      finished() {
        for (const member of world.participants()) {
          const { values } = world.member(member).store;
          const lost = acknowledged.find(({ value, length }) => values[length - 1] !== value);
          if (lost !== undefined) {
            violate(`member ${member} does not have ${lost.value}, which was acknowledged`);
          }
        }
      },
    };
  },
};
