import type { MemberId } from 'raft-ts';
import type { NamedProperty, World } from '../property.js';

/**
 * Logs stay bounded: once all is well and everybody holds all, each member's log comes below what the policy
 * of the framework says, within the time that liveness has.
 */
export const logsStayBounded: NamedProperty = {
  name: 'logs-stay-bounded',
  create(world, violate) {
    return {
      finished() {
        const member = whoseLogIsTooLong(world);
        if (member === undefined) return;
        const { firstIndex = 0, lastIndex = 0, logBytes = 0 } = world.member(member).status ?? {};
        const { everyEntries, everyBytes } = world.options.compaction;
        violate(
          `the log of member ${member} has ${lastIndex - firstIndex + 1} entries with ${logBytes} ` +
            `bytes, and ${everyEntries} and ${everyBytes} are allowed`,
        );
      },
    };
  },
};

/** A member whose log is above the policy's limits; undefined where there is none, or no policy. */
export function whoseLogIsTooLong(
  world: Pick<World, 'options' | 'participants' | 'member'>,
): MemberId | undefined {
  const { compaction, application } = world.options;
  const { everyEntries, everyBytes } = compaction;
  if (everyEntries === undefined || everyBytes === undefined || application === 'direct') {
    return undefined;
  }
  return world.participants().find((member) => {
    const status = world.member(member).status;
    if (status === undefined) return false;
    const { firstIndex, lastIndex, logBytes } = status;
    return lastIndex - firstIndex + 1 > everyEntries || logBytes > everyBytes;
  });
}
