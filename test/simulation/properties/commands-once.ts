import type { MemberId } from 'raft-ts';
import type { NamedProperty } from '../property.js';

/**
 * Commands once: each member applies the log entry by entry, without a gap or a repetition, from
 * where its state stands after a restart (Raft paper, figure 2, lastApplied); however often a
 * client has sent a command, it takes effect in one place (Raft thesis, 6.3); nothing takes
 * effect that nobody asked for, or of which a client was told that it has failed.
 */
export const commandsOnce: NamedProperty = {
  name: 'commands-once',
  create(world, violate) {
    const lastApplied = new Map<MemberId, number>();
    const placeOf = new Map<string, number>();
    const outcomes = new Map<string, string>();
    return {
      started(member) {
        lastApplied.set(member, world.member(member).store.appliedIndex);
      },
      applied(member, entry) {
        const expected = (lastApplied.get(member) ?? 0) + 1;
        if (entry.index !== expected) {
          violate(`member ${member} applied ${entry.index} where ${expected} is next`);
        }
        lastApplied.set(member, entry.index);
      },
      installed(member, index) {
        lastApplied.set(member, index);
      },
      tookEffect(member, index, value, store) {
        const place = placeOf.get(value) ?? store.values.length;
        placeOf.set(value, place);
        if (place !== store.values.length) {
          violate(
            `${value} took effect as value ${place}, and at ${index} of member ${member} ` +
              `as value ${store.values.length}`,
          );
        }
        const outcome = outcomes.get(value);
        if (outcome === undefined) violate(`${value} takes effect; nobody asked for it`);
        if (outcome === 'failed') violate(`${value} takes effect; its client was told it failed`);
      },
      invoked(operation) {
        if (operation.kind === 'append') outcomes.set(operation.value, 'pending');
      },
      completed(operation) {
        if (operation.kind !== 'append') return;
        outcomes.set(operation.value, operation.outcome);
        if (operation.outcome === 'failed' && placeOf.has(operation.value)) {
          violate(`${operation.value} has taken effect; its client was told it failed`);
        }
      },
      finished() {
        for (const [value, outcome] of outcomes) {
          if (outcome === 'unknown' && placeOf.has(value)) {
            world.coverage.count('write of unknown outcome took effect');
          }
        }
      },
    };
  },
};
