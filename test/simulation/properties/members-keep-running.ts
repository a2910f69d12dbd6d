import type { NamedProperty } from '../property.js';

/**
 * Members keep running: with disks that work, no invariant of the core breaks and no member stops
 * by itself, whatever the network does.
 */
export const membersKeepRunning: NamedProperty = {
  name: 'members-keep-running',
  create(_world, violate) {
    return {
      stopped(member, error) {
        violate(`member ${member} stopped: ${error.stack ?? error.message}`);
      },
    };
  },
};
