import type { MemberId } from 'raft-ts';
import { MAX_CLOCK_DRIFT } from '../machine-clock.js';
import type { NamedProperty } from '../property.js';
import { type Proposal, Proposals } from './proposals.js';

/** Log times are whole milliseconds. */
const ROUNDING_MS = 1;

/**
 * The log's time never runs back from entry to entry, and is the same for an entry on every member.
 * It passes no faster than the fastest monotonic clock, whatever wall clocks show, so that no session
 * ends before its time; and from entry to entry of a leader no slower than that one's, so that each
 * ends.
 */
export const logTimeNeverBack: NamedProperty = {
  name: 'log-time-never-back',
  create(world, violate) {
    /** By the entry's index. */
    const times = new Map<number, number>();
    const last = new Map<MemberId, { readonly index: number; readonly logTimeMs: number }>();
    const proposals = new Proposals(world);
    let newest: { readonly index: number; readonly proposal: Proposal } | undefined;

    const passes = (index: number, logTimeMs: number) => {
      const proposal = proposals.at(index);
      if (proposal === undefined || index <= (newest?.index ?? 0)) return;
      const before = newest;
      newest = { index, proposal };
      // What it had not applied by then, of former leaders, may have lifted the time of the one before.
      const { term, applied } = before?.proposal ?? { term: 0, applied: 0 };
      if (before === undefined || world.committed[applied]?.term !== proposal.term) return;
      if (term !== proposal.term) return;
      const passedMs = proposal.monotonicMs - before.proposal.monotonicMs;
      const loggedMs = logTimeMs - (times.get(before.index) ?? 0);
      if (loggedMs >= passedMs - ROUNDING_MS) return;
      violate(
        `from entry ${before.index} to ${index} of member ${proposal.leader} ${passedMs} ms have ` +
          `passed, and ${loggedMs} by the log`,
      );
    };

    return {
      // Runs are far shorter than any session lasts.
      sessionLost: (client) => violate(`client ${client} lost its session`),
      handedOver: (member, write) => proposals.handedOver(member, write),
      tookEffect(member, index, _value, _store, entryTimes) {
        if (entryTimes === undefined) return;
        const { logTimeMs } = entryTimes;
        const known = times.get(index) ?? logTimeMs;
        times.set(index, known);
        if (known !== logTimeMs) {
          violate(
            `entry ${index} is of ${logTimeMs} at member ${member}, and of ${known} elsewhere`,
          );
        }
        const before = last.get(member);
        last.set(member, { index, logTimeMs });
        if (before !== undefined && before.index <= index && before.logTimeMs > logTimeMs) {
          violate(
            `at member ${member} entry ${index} is of ${logTimeMs}, ` +
              `and entry ${before.index} of ${before.logTimeMs}`,
          );
        }
        const mostMs = Math.ceil(world.nowMs() * (1 + MAX_CLOCK_DRIFT));
        if (logTimeMs > mostMs) {
          violate(`entry ${index} is of ${logTimeMs}, when no more than ${mostMs} have passed`);
        }
        passes(index, logTimeMs);
      },
    };
  },
};
