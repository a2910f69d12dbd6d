import { defaultTcpLimits } from 'raft-ts/testing';
import type { NamedProperty } from '../property.js';

/**
 * The past is not believed: nothing that was held up on its way for longer than a member trusts a
 * silent connection gets to its core, so that nobody follows a leader on the word of old heartbeats
 * (docs/decisions/0013-failover.md).
 */
export const thePastIsNotBelieved: NamedProperty = {
  name: 'the-past-is-not-believed',
  create(world, violate) {
    const mostMs = world.options.trustedSilenceMs + defaultTcpLimits.keepAliveMs;
    return {
      believed(member, from, heldUpMs) {
        if (heldUpMs < mostMs) return;
        violate(
          `member ${member} believes what ${from} said: it was held up for ${heldUpMs.toFixed(0)} ms`,
        );
      },
    };
  },
};
