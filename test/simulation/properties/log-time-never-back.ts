import type { MemberId } from 'raft-ts';
import { MAX_CLOCK_DRIFT } from '../machine-clock.js';
import type { NamedProperty } from '../property.js';

export const LOG_TIME_NEVER_BACK = 'log-time-never-back';

/**
 * The log's time never runs back from entry to entry, is the same for an entry on every member, and
 * passes no faster than the fastest monotonic clock, whatever wall clocks show: so a session does
 * not end before its time.
 */
export const logTimeNeverBack: NamedProperty = {
  name: LOG_TIME_NEVER_BACK,
  create(world, violate) {
    /** By the entry's index. */
    const times = new Map<number, number>();
    const last = new Map<MemberId, { readonly index: number; readonly logTimeMs: number }>();
    return {
      tookEffect(member, index, _value, _store, logTimeMs) {
        if (logTimeMs === undefined) return;
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
      },
    };
  },
};
