import type { MemberId } from 'raft-ts';
import { raftOptionsOf } from '../options.js';
import type { NamedProperty } from '../property.js';

/** A leader was asked to hand over, and has not answered. */
interface Asked {
  readonly member: MemberId;
  /** How long its process had run, and how often it had stood still. */
  readonly ranMs: number;
  readonly pauses: number;
}

/**
 * Transfers end: whoever asks a leader to hand over is told how that went within an election
 * timeout, or two when the lead was given up and nobody is known to have it (Raft thesis, 3.10).
 * Only time counts during which the leader's process ran: a tick that is late counts once.
 */
export const transfersEnd: NamedProperty = {
  name: 'transfers-end',
  create(world, violate) {
    const asked = new Map<number, Asked>();
    return {
      transferAsked(number, member) {
        const { ranMs, pauses } = world.member(member);
        asked.set(number, { member, ranMs, pauses });
      },
      transferAnswered(number) {
        asked.delete(number);
      },
      turned(member) {
        if (asked.size === 0) return;
        const { electionTicks = 0 } = raftOptionsOf(world.options, member);
        const { ranMs, pauses } = world.member(member);
        for (const one of asked.values()) {
          if (one.member !== member) continue;
          const ticks = 2 * electionTicks + 3 + (pauses - one.pauses);
          if (ranMs - one.ranMs <= ticks * world.options.tickMs) continue;
          violate(`member ${member} has not told within ${ticks} ticks how its transfer ended`);
        }
      },
      started(member) {
        for (const [number, one] of asked) if (one.member === member) asked.delete(number);
      },
    };
  },
};
