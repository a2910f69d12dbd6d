import type { MemberId } from 'raft-ts';
import { raftOptionsOf } from '../options.js';
import type { NamedProperty } from '../property.js';

/**
 * Elections are not endless: between two campaigns of a member lies an election timeout, unless it
 * was asked to campaign, or told that the process of the leader that it followed has ended, and that
 * once for each time (Raft paper, 5.2).
 */
export const campaignsArePaced: NamedProperty = {
  name: 'campaigns-are-paced',
  create(world, violate) {
    /** Told since the last campaign that followed from it. */
    const told = new Map<MemberId, Set<MemberId>>();
    return {
      processEnded(member, ended) {
        const all = told.get(member) ?? new Set();
        told.set(member, all.add(ended));
      },
      turned(member, now, before) {
        const election = now.elections.at(-1);
        const last = before?.elections.at(-1);
        if (election === undefined || election.atTick === last?.atTick) return;
        const { reason, atTick, leaderBefore } = election;
        if (reason === 'timeout') {
          const { electionTicks = 0 } = raftOptionsOf(world.options, member);
          if (last === undefined || atTick - last.atTick >= electionTicks) return;
          violate(`member ${member} campaigned at tick ${last.atTick}, and again at ${atTick}`);
        } else if (reason === 'leader-ended' && told.get(member)?.delete(leaderBefore) !== true) {
          violate(`member ${member} campaigned as if leader ${leaderBefore} had ended`);
        }
      },
      started(member) {
        told.delete(member);
      },
    };
  },
};
